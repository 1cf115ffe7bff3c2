// The REST API by the session of the page.
export class Refused extends Error {}

interface Problem {
  detail?: string;
  title?: string;
  errors?: { field: string; message: string }[];
}

export function get<T>(url: string): Promise<T> {
  return ask<T>(url, { method: "GET" });
}

export function post<T>(url: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  return ask<T>(url, { method: "POST", headers, body: JSON.stringify(body), ...(signal && { signal }) });
}

/** Raises Refused with what the server says, and what fetch raises. */
async function ask<T>(url: string, options: RequestInit): Promise<T> {
  const answer = await fetch(url, options);
  const content: unknown = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(said(content as Problem, answer.status));
  return content as T;
}

function said(problem: Problem, status: number): string {
  const errors = problem.errors?.map((error) => error.message).join(" ");
  return errors || problem.detail || problem.title || `HTTP ${status}`;
}

function csrfToken(): string {
  return document.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
}
