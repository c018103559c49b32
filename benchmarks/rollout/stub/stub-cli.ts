import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { locksTakenAway } from "../by-hand";
import { notingCalls } from "../cli-calls";

/** Where the engine's events are written to a file, as versions before 3.206 do. */
const VERSION = "v3.200.0";

/**
 * What it keeps of Pulumi's promises: it locks a stack, and names the holder as Pulumi does; a preview only reads; an update reads first, and asks
 * for the join only if none is there or in work, so that it may be repeated.
 */
const program = (folder: string, farm: URL, spps: number) => `#!/usr/bin/env bash
cd '${folder}' || exit 255
${notingCalls(`${folder}/calls`)}all=$*
while [ $# -gt 0 ]; do
  case $1 in --event-log) events=$2 ;; esac
  shift
done
ask() {
  exec 3<>/dev/tcp/${farm.hostname}/${farm.port} || exit 255
  printf '%s /%s/spp-%s%s HTTP/1.0\\r\\n\\r\\n' "$1" "$stack" "$((\${stack#site-} % ${spps}))" "$2" >&3
  answer=
  while IFS= read -r line || [ -n "$line" ]; do answer=$line; done <&3
  exec 3>&-
}
lock() {
  printf 'bench@${hostname()} (pid %s) at %(%FT%TZ)T\\n' $$ -1 > "tmp/$$"
  # A link is made whole or not at all.
  if ! ln "tmp/$$" "locks/$stack" 2>/dev/null; then
    echo 'error: the stack is currently locked by 1 lock(s).' >&2
    echo "  file:///locks/$stack.json: created by $(cat "locks/$stack")" >&2
    exit 255
  fi
  # A kill may come before any line: a lock that is noted was there, and its end is noted before it ends.
  echo "take $stack" >> noted-locks
}
unlock() {
  echo "free $stack" >> noted-locks
  rm -f "locks/$stack"
}
case $command in
version) echo ${VERSION} ;;
stack) case $all in *output*) echo '{}' ;; *history*) echo '[]' ;; esac ;;
cancel) unlock ;;
preview | up)
  lock
  ask GET
  if [ "$command" = up ]; then
    case $answer in *'"isJoined":true'* | *'"isWorking":true'*) ;; *) ask POST ;; esac
    until [[ $answer == *'"isJoined":true'* ]]; do ask GET /end; done
  fi
  echo '{"sequence":1,"timestamp":1,"summaryEvent":{"maybeCorrupt":false,"durationSeconds":1,"resourceChanges":{"create":1},"policyPacks":{}}}' >> "$events"
  unlock
  ;;
esac
`;

/** A rollout.yaml of sites whose program is in the folder `site`. */
export function definitionOf(sites: number, spps: number, settings: string): string {
  const list = Array.from({ length: sites }, (_, n) => `  - { name: site-${n}, spp: spp-${n % spps} }\n`);
  return `name: farm\nprogram: site\nonFailure: stop\n${settings}sites:\n${list.join("")}`;
}

/** A Pulumi CLI on PATH that works on the sites of a farm, and a rollout.yaml of these sites. */
export class StubCli {
  private readonly folder = mkdtempSync(join(tmpdir(), "rollout-bench-"));
  private readonly path = process.env.PATH;
  readonly file = join(this.folder, "rollout.yaml");
  /** Where it notes its calls. */
  readonly calls = join(this.folder, "calls");

  constructor(farm: string, sites: number, spps: number, settings = "parallelism: 6\ncanary: { count: 2 }\n") {
    for (const name of ["bin", "locks", "tmp", "site"]) mkdirSync(join(this.folder, name));
    writeFileSync(join(this.folder, "bin/pulumi"), program(this.folder, new URL(farm), spps), { mode: 0o755 });
    writeFileSync(join(this.folder, "site/Pulumi.yaml"), "name: farm\nruntime: yaml\n");
    writeFileSync(this.file, definitionOf(sites, spps, settings));
    process.env.PATH = `${join(this.folder, "bin")}${delimiter}${this.path}`;
  }

  /** The stacks that are locked now. */
  locks(): string[] {
    return readdirSync(join(this.folder, "locks"));
  }

  /** How many locks something else than this CLI has removed so far. */
  locksTakenAway(): number {
    const file = join(this.folder, "noted-locks");
    const notes = () => (existsSync(file) ? readFileSync(file, "utf8") : "");
    for (;;) {
      const before = notes();
      const left = this.locks();
      // Both of one moment, because a CLI whose worker was killed may still work.
      if (before === notes()) return locksTakenAway(before.split("\n").filter(Boolean), left);
    }
  }

  close(): void {
    process.env.PATH = this.path;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
