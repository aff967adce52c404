/** Largest number of tokens, padding included, that one run of the encoder is given. */
export const MAX_GROUP_TOKENS = 512;

/** Largest number of texts that one run of the encoder is given. */
export const MAX_GROUP_SIZE = 16;

/**
 * Splits texts into groups for the encoder: neighbours in length stand together, so little is
 * padded, and a group is small enough to answer within a moment. Returns indexes into `ids`.
 */
export function groupByLength(ids: readonly Int32Array[]): number[][] {
  const length = (index: number): number => ids[index]?.length ?? 0;
  const order = ids.map((_, index) => index).sort((a, b) => length(a) - length(b));
  const groups: number[][] = [];
  let group: number[] = [];
  for (const index of order) {
    // The order is ascending, so this text's length is the group's padded length.
    const padded = length(index) * (group.length + 1);
    if (group.length > 0 && (group.length === MAX_GROUP_SIZE || padded > MAX_GROUP_TOKENS)) {
      groups.push(group);
      group = [];
    }
    group.push(index);
  }
  if (group.length > 0) groups.push(group);
  return groups;
}
