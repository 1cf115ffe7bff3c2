// The page's colours for what is drawn on a canvas, which knows no CSS.
export const STATUSES = ["success", "failed", "missed", "skipped", "canceled"] as const;
export type Status = (typeof STATUSES)[number];

const VARIABLES: Record<Status | "line" | "muted" | "first" | "second", string> = {
  success: "--chart-success",
  failed: "--chart-failed",
  missed: "--chart-missed",
  skipped: "--chart-skipped",
  canceled: "--chart-canceled",
  first: "--chart-first",
  second: "--chart-second",
  line: "--line",
  muted: "--muted",
};

export function colour(name: keyof typeof VARIABLES): string {
  return getComputedStyle(document.body).getPropertyValue(VARIABLES[name]).trim() || "#888";
}
