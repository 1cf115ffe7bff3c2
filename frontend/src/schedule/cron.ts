// What the pickers can say of a CRON expression, and back. The server alone decides what an expression means: here are only
// those of five fields whose meaning the pickers show completely; for every other one `picked` is null and the text stays.
export type Rhythm =
  | { kind: "times"; hours: number[]; minute: number }
  | { kind: "minutes"; every: number; from: number; to: number }
  | { kind: "hours"; every: number; minute: number };

/** Empty lists: every one. Weekdays count from Sunday = 0; of weekdays and days of the month one is empty. */
export interface Picked {
  rhythm: Rhythm;
  weekdays: number[];
  days: (number | "L")[];
  months: number[];
}

export const EVERY_MINUTES = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30];
export const EVERY_HOURS = [1, 2, 3, 4, 6, 8, 12];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WORDS: Record<string, string> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

export function picked(expression: string): Picked | null {
  const text = expression.trim();
  const [minute, hour, day, month, weekday, ...more] = (WORDS[text.toLowerCase()] ?? text).split(/\s+/);
  if (!minute || !hour || !day || !month || !weekday || more.length) return null;
  const rhythm = rhythmOf(minute, hour);
  const months = numbers(month, 1, 12, MONTHS);
  const weekdays = numbers(weekday.replace(/\b7\b/g, "0"), 0, 6, WEEKDAYS);
  const days = daysOf(day);
  if (!rhythm || !months || !weekdays || !days || (weekdays.length && days.length)) return null;
  return { rhythm, weekdays, days, months };
}

export function expression({ rhythm, weekdays, days, months }: Picked): string {
  const day = days.includes("L") ? "L" : fieldOf(days as number[]);
  return [...timeFields(rhythm), day, fieldOf(months), fieldOf(weekdays)].join(" ");
}

function rhythmOf(minute: string, hour: string): Rhythm | null {
  const hours = numbers(hour, 0, 23);
  const at = numbers(minute, 0, 59);
  if (at?.length === 1 && hours) return timesOf(hours, at[0] as number, hour);
  const everyHours = step(hour, EVERY_HOURS);
  if (at?.length === 1 && everyHours) return { kind: "hours", every: everyHours, minute: at[0] as number };
  const everyMinutes = minute === "*" ? 1 : step(minute, EVERY_MINUTES);
  if (!everyMinutes || !hours) return null;
  return inOneStretch(hours) ? { kind: "minutes", every: everyMinutes, from: hours[0] ?? 0, to: hours.at(-1) ?? 23 } : null;
}

function timesOf(hours: number[], minute: number, hour: string): Rhythm {
  return hour === "*" ? { kind: "hours", every: 1, minute } : { kind: "times", hours, minute };
}

function timeFields(rhythm: Rhythm): [string, string] {
  if (rhythm.kind === "times") return [String(rhythm.minute), rhythm.hours.length === 24 ? "0-23" : fieldOf(rhythm.hours)];
  if (rhythm.kind === "hours") return [String(rhythm.minute), stepField(rhythm.every)];
  const all = rhythm.from === 0 && rhythm.to === 23;
  const range = rhythm.from === rhythm.to ? String(rhythm.from) : `${rhythm.from}-${rhythm.to}`;
  return [stepField(rhythm.every), all ? "*" : range];
}

function daysOf(field: string): (number | "L")[] | null {
  return field.toUpperCase() === "L" ? ["L"] : numbers(field, 1, 31);
}

const stepField = (every: number) => (every === 1 ? "*" : `*/${every}`);
const inOneStretch = (values: number[]) => values.every((value, index) => !index || value === (values[index - 1] ?? 0) + 1);

function step(field: string, known: number[]): number | null {
  const every = Number(/^\*\/(\d+)$/.exec(field)?.[1]);
  return known.includes(every) ? every : null;
}

/** The values of a list of numbers, names and ranges, ascending; [] for `*`; null for anything else. */
function numbers(field: string, least: number, most: number, names: string[] = []): number[] | null {
  if (field === "*") return [];
  const found = new Set<number>();
  for (const part of field.split(",")) {
    const [first, last = first, ...more] = part.split("-").map((word) => numberOf(word, least, names));
    if (first === undefined || last === undefined || more.length) return null;
    if (!(first >= least && last <= most && first <= last)) return null;
    for (let value = first; value <= last; value++) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

/** NaN, which no range holds, for what is neither. */
function numberOf(word: string, least: number, names: string[]): number {
  const index = names.indexOf(word.toUpperCase());
  return index >= 0 ? index + least : /^\d+$/.test(word) ? Number(word) : NaN;
}

/** `1-5,7` for [1, 2, 3, 4, 5, 7]. */
function fieldOf(values: number[]): string {
  if (!values.length) return "*";
  const stretches: [number, number][] = [];
  for (const value of [...values].sort((a, b) => a - b)) {
    const last = stretches.at(-1);
    if (last && last[1] === value - 1) last[1] = value;
    else stretches.push([value, value]);
  }
  return stretches.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
}
