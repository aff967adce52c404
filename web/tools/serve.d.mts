import type { Server } from "node:http";

export const CONTENT_SECURITY_POLICY: string;
export function createStaticServer(root: string): Server;
