/** How long, in its two largest units: `4 min 5 s`, `2 h 0 min`, `3 d 1 h`; what is shorter than a second, `250 ms`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const all = Math.round(ms / 1_000);
  const days = Math.floor(all / 86_400);
  const hours = Math.floor(all / 3_600) % 24;
  const minutes = Math.floor(all / 60) % 60;
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${all % 60} s` : `${all} s`;
}
