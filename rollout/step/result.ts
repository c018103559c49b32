import { UNKNOWN_CODES, UNREACHABLE_CODES } from "../generated/error-kinds";
import type { SiteResult } from "../machine/events";

/** Messages of one run that are kept; the rest is in Pulumi's own output. */
const MESSAGES = 3;
const CHARACTERS = 1000;

/** The result of a failed run: its first messages in one line, the first code, and what kind of failure that is. */
export function failureResult(messages: readonly string[], redact: (text: string) => string): SiteResult {
  const lines = failureLines(messages, redact);
  const kept = lines.slice(0, MESSAGES);
  const more = lines.length - kept.length;
  const code = codeIn(kept.join(" "));
  const text = kept.join(" | ") + (more > 0 ? ` | and ${more} more` : "");
  return { outcome: outcomeOf(code), message: cut(text), code };
}

/** The first characters of a text. Half a character at its end would be no valid text. */
function cut(text: string): string {
  return text.slice(0, CHARACTERS).replace(/[\ud800-\udbff]$/, "");
}

/** The messages of a failed run, each once and in one line. There is always one. */
export function failureLines(messages: readonly string[], redact: (text: string) => string): string[] {
  const lines = [...new Set(messages.map((message) => oneLine(redact(message))).filter(Boolean))];
  // The CLI closes with a summary that only repeats that something failed.
  const telling = lines.filter((line) => !/^(update|preview|refresh) failed$/.test(line));
  const found = telling.length > 0 ? telling : lines;
  return found.length > 0 ? found : ["the run failed without a message"];
}

/** The first error code in a text. */
export function codeIn(text: string): string | undefined {
  return /\[(SG\d{4})\]/.exec(text)?.[1];
}

/** What kind of failure a code stands for. */
export function outcomeOf(code: string | undefined): "failed" | "unknown" | "unreachable" {
  if (code === undefined) return "failed";
  if (UNREACHABLE_CODES.includes(code)) return "unreachable";
  return UNKNOWN_CODES.includes(code) ? "unknown" : "failed";
}

function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of terminals begin with one.
  const plain = text.replace(/\u001b\[[\d;]*m|<\{%[^%]*%\}>/g, "").replace(/^error: /, "");
  return (
    plain
      // Frames of a stack trace tell an operator nothing.
      .replace(/^\s+at .*$/gm, "")
      .replace(/[\p{Cc}\p{Cf}]+/gu, " ")
      .replace(/\s+/g, " ")
      .trim()
  );
}
