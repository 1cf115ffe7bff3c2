// Jinja templates, coloured: what is said is told from what is kept. (The package for it brings three other languages along.)
import { StreamLanguage, type StreamParser } from "@codemirror/language";

const CLOSING: Record<string, string> = { "{{": "}}", "{%": "%}", "{#": "#}" };
const KEYWORDS = /^(?:if|elif|else|endif|for|endfor|in|is|not|and|or|set|endset|filter|endfilter|with|endwith|raw|endraw)\b/;

const parser: StreamParser<{ until: string }> = {
  name: "jinja",
  startState: () => ({ until: "" }),
  token(stream, state) {
    if (!state.until) {
      const open = stream.match(/^\{[{%#]/) as RegExpMatchArray | null;
      state.until = CLOSING[open?.[0] ?? ""] ?? "";
      if (!open) stream.match(/^(?:[^{]+|\{)/);
      return open ? "brace" : null;
    }
    if (stream.match(state.until)) {
      state.until = "";
      return "brace";
    }
    return state.until === "#}" ? comment(stream) : inside(stream);
  },
};

type Stream = Parameters<typeof parser.token>[0];

function comment(stream: Stream): string {
  stream.next();
  return "comment";
}

function inside(stream: Stream): string | null {
  if (stream.eatSpace()) return null;
  if (stream.match(/^(?:"[^"]*"|'[^']*')/)) return "string";
  if (stream.match(/^\d+(?:\.\d+)?/)) return "number";
  if (stream.match(KEYWORDS)) return "keyword";
  if (stream.match(/^[A-Za-z_]\w*/)) return "propertyName";
  stream.next();
  return null;
}

export const jinja = StreamLanguage.define(parser);
