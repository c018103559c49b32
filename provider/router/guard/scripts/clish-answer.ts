/** What users of other platforms do about a Check Point gateway. */
export const GAIA_POINTER = "set platform to check-point, which uses policy-based routing of Gaia";

/** The messages of Clish, which refuses a POSIX shell with `CLINFR0329` (seen in published sessions of gateways). */
const CLISH_MESSAGE = /\bCLINFR\d{4}\b/;

/** Cause and remedy where Clish has answered instead of a POSIX shell; undefined for other answers. */
export function clishAnswer(answer: string): { cause: string; remedy: string } | undefined {
  const [message] = CLISH_MESSAGE.exec(answer) ?? [];
  if (message === undefined) return undefined;
  return {
    cause: `its login shell is Clish of a Check Point gateway, which answered ${message}`,
    remedy: `${GAIA_POINTER}, or give the user bash as login shell for Linux rules in expert mode`,
  };
}
