import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";
import { inSessions } from "../lab/sessions";
import { LAYERS_AWAY } from "./layers";

/**
 * Ends every session of the SSH server and all that was started there, also what a killed shell leaves at work, as the
 * end of the machine would; then the folder of the interrupted run is gone. Looks until nothing is left, for what is
 * being ended may just have started another process.
 */
export const END_SESSIONS = `sshd=$(cat /run/sshd.pid)
looks=0
while [ $looks -lt 50 ]; do
  looks=$((looks + 1)); killed=
  for one in /proc/[0-9]*; do
    [ "$one" != "/proc/$sshd" ] && [ "$one/ns/mnt" -ef "/proc/$sshd/ns/mnt" ] || continue
    case "$(sed -n 's/^State:[^A-Z]*//p' "$one/status" 2>/dev/null)" in Z* | "") continue ;; esac
    kill -9 "\${one#/proc/}" 2>/dev/null && killed=1
  done
  [ -n "$killed" ] || break
done
rm -rf /run/sps-redirect`;

/** Takes away what redirections keep over restarts. */
export const FILES_AWAY = "rm -rf /etc/sps-redirect /etc/network/if-up.d/sps-redirect";

const REDIRECTION_FILE = "/etc/sps-redirect/rdp.sh";
const RUNNER_FILE = "/etc/sps-redirect/run";
const BOOT_LIMIT_SECONDS = 20;

const LIST = `for file in /etc/sps-redirect/* /etc/network/if-up.d/sps-redirect; do
  if [ -f "$file" ]; then echo "$(sha256sum <"$file" | cut -d ' ' -f 1) $(stat -c %A/%u "$file") $file"; fi
done`;

/** How a run ended, as far as it tells what a restart has to bring back. */
export interface Ending {
  persist: boolean;
  /** True when the provider was told that all is confirmed and kept. */
  isConfirmed: boolean;
  /** True when the layers were found to be gone, and no restart has taken them. */
  isTakenBack: boolean;
}

/** What is on a router's disk for its restarts, and what an emulated restart makes of it. */
export class KeptState {
  private confirmed = "";

  constructor(
    private readonly router: LabRouter,
    /** Counts the layers that are there. */
    private readonly layersThere: () => Promise<number>,
    private readonly layers: number,
  ) {}

  /** True once it knows what the files of the confirmed state look like. */
  get isLearned(): boolean {
    return this.confirmed !== "";
  }

  /** Learns what the files of the confirmed state look like, which are there now. @throws Error when there are none. */
  async learn(): Promise<void> {
    this.confirmed = await inSessions(this.router, LIST);
    if (!this.confirmed.includes(REDIRECTION_FILE)) throw new Error("nothing is kept over restarts");
  }

  /**
   * Says what is wrong with the files, and with what is there after an emulated restart; empty when nothing is. Each
   * file has to be as in the confirmed state, or absent: files that are being written are not in their places yet.
   * `end` takes away what the fault has put on the router.
   */
  async wrong({ persist, isConfirmed, isTakenBack }: Ending, end: () => Promise<void>): Promise<string> {
    const lines = (await inSessions(this.router, LIST)).split("\n").filter((line) => line !== "");
    const isThere = (file: string) => lines.some((line) => line.endsWith(` ${file}`));
    const other = lines.find((line) => !persist || !this.confirmed.split("\n").includes(line));
    if (other !== undefined) return `not as confirmed: ${other}`;
    if (isTakenBack && isThere(REDIRECTION_FILE)) return "what was taken back would come back with a restart";
    if (persist && isConfirmed && !isThere(REDIRECTION_FILE)) return "what was confirmed would not come back";
    if (!persist) return "";
    await end();
    await this.router.run(`${END_SESSIONS}\n${LAYERS_AWAY}`);
    const isWhole = isThere(REDIRECTION_FILE) && isThere(RUNNER_FILE);
    await inSessions(
      this.router,
      `[ ! -e ${RUNNER_FILE} ] || timeout ${BOOT_LIMIT_SECONDS} /bin/sh ${RUNNER_FILE} boot || echo "$?"`,
    );
    const there = await this.layersThere();
    return there === (isWhole ? this.layers : 0) ? "" : `a restart has brought ${there} of ${this.layers} layers`;
  }
}
