import type { Dialect } from "../../terminal/session/command-line";
import { refusalText } from "../read/lock-notice";

/** How a gateway answers, in Clish and in bash. */
export const DIALECT: Dialect = {
  // Clish, with a mark of clusters before the name; or bash, where it is the login shell.
  firstPrompt: /(?:^|\n)(?:\[[^\]\n]{1,60}\] ?)?[\w.:-]*[>#$]$/,
  question: /(?:\([yY]\/[nN]\)(?:\[[yYnN]\])?\??:?|[Pp]assword:|-- More --)$/,
  // Who holds the lock is printed before the refusal.
  refusal:
    /^(?:CLINFR0771 .*\n)?(?:CLINFR(?!0771)\d+|CLICMD(?!0201)\d+|NM[A-Z]+\d+|Bad parameter|.*: command not found).*$/m,
  refusalText,
};
