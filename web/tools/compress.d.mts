export function compressFiles(directory: string, store: string): Promise<void>;
