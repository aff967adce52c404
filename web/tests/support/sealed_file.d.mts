/** Name, type, shape and bytes. */
export type TensorParts = [string, string, number[], Uint8Array];

export function sealed(
  metadata: Record<string, string>,
  tensors: readonly TensorParts[],
): Uint8Array;
