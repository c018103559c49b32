/** Who holds the lock of the configuration. Commands that only read print it too, and answer. */
const OWNED = /^CLINFR0771 .*$/m;

/** A command was refused because another session holds the lock. */
const PRESENT = /^CLINFR0519 .*$/m;

/** What a gateway advises there, in several wordings; messages give their own remedy. */
const ADVICE = /\.?(?: +(?:Use|To acquire) .*'lock database override'.*)?$/;

const withoutAdvice = (line: string) => line.trimEnd().replace(ADVICE, "");

/** What an answer says of the lock that another session holds, in one line; with its user where the gateway names it. */
export function lockNotice(answer: string): string | undefined {
  const line = OWNED.exec(answer)?.[0] ?? PRESENT.exec(answer)?.[0];
  return line === undefined ? undefined : withoutAdvice(line);
}

/** Whether a notice names the user who holds the lock. */
export const isHolderNamed = (notice: string): boolean => notice.includes("owned by");

/** A refusal in one line. Where another session holds the lock, gateways print two, or one with an advice. */
export function refusalText(refusal: string): string {
  const refused = PRESENT.exec(refusal)?.[0];
  if (refused === undefined) return withHint(refusal.trim());
  const owner = OWNED.exec(refusal)?.[0];
  return `${withoutAdvice(refused)}${owner === undefined ? "" : ` (${withoutAdvice(owner)})`}`;
}

/** Clish does not know the commands of features that the role of the user lacks (Gaia Administration Guide, roles). */
function withHint(refusal: string): string {
  if (!/^CLINFR0329 /m.test(refusal)) return refusal;
  return `${refusal} (unknown to this gateway, or to the role of its user)`;
}
