const FORMAT = new Intl.DateTimeFormat("en", {
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** "Nov 25, 09:19", in the user's time zone. */
export function timeText(timeMs: number): string {
  return FORMAT.format(timeMs);
}
