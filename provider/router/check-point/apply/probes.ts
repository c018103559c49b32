import type { ProbeTools } from "../../terminal/session/probing";
import type { ClishSession } from "./clish-session";

/** `ping`, a command of Linux that Clish knows too: three requests, one second each. Clish opens no connections. */
export const PROBE_TOOLS: ProbeTools<ClishSession> = {
  ping: (address) => `ping -c 3 -W 1 ${address}`,
  answers: /(\d+) (?:packets )?received/,
};
