import { BAD_NAME } from "../modes/context";
import { findInterface } from "../modes/interface";
import type { ExecCommand, ExecSession } from "./session";

/** `clear`, at the highest level. */
export const CLEAR_COMMANDS: readonly ExecCommand[] = [
  { pattern: "clear counters", run: (session) => clearCounters(session) },
  {
    pattern: "clear counters <words>",
    run: (session, words) =>
      findInterface(session.device.running, words.join("")) ? clearCounters(session, true) : BAD_NAME,
  },
  { pattern: "clear ip access-list counters", run: ({ device }) => device.clearEntryCounts() },
  { pattern: "clear ip access-list counters <name>", run: ({ device }, [name]) => device.clearEntryCounts(name) },
  { pattern: "clear access-list counters", run: ({ device }) => device.clearEntryCounts() },
  { pattern: "clear access-list counters <name>", run: ({ device }, [name]) => device.clearEntryCounts(name) },
  {
    pattern: "clear logging",
    run: async (session) => {
      if (await isConfirmed(session, "Clear logging buffer [confirm]")) session.device.vtys.log.length = 0;
      return undefined;
    },
  },
  // The kernel of the lab keeps what these would let a device learn again.
  ...["clear arp-cache", "clear ip arp <ipv4>", "clear ip route *"].map(
    (pattern): ExecCommand => ({ pattern, run: () => undefined }),
  ),
];

/** The counters of interfaces are zero in the emulation; the question is that of a device. */
async function clearCounters(session: ExecSession, isOne = false): Promise<undefined> {
  await isConfirmed(
    session,
    `Clear "show interface" counters on ${isOne ? "this interface" : "all interfaces"} [confirm]`,
  );
}

async function isConfirmed(session: ExecSession, question: string): Promise<boolean> {
  const answer = await session.ask(question);
  return answer === "" || /^y/i.test(answer);
}
