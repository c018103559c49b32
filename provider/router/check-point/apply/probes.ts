import type { Ping } from "../../terminal/session/verify";

/** `ping`, a command of Linux that Clish knows too: three requests, one second each. */
export const PING: Ping = {
  command: (address) => `ping -c 3 -W 1 ${address}`,
  answers: /(\d+) (?:packets )?received/,
};
