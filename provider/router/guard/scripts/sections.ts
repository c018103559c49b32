import { messageOf, SafeguardError } from "../../../core/errors";

/** Begins a section in the output of a script; `@@= status` ends it. */
const SECTION_MARK = "@@";

/** Shell text that defines `section NAME COMMAND…`, which runs a command and prints its result as one section. */
export const SECTION_FUNCTION = `section() {
  sps_name=$1; shift
  printf '\\n${SECTION_MARK}%s\\n' "$sps_name"; printf '\\n${SECTION_MARK}%s\\n' "$sps_name" >&2
  "$@" </dev/null
  printf '\\n${SECTION_MARK}= %s\\n' "$?"
}`;

/** The output of a script. */
export interface ScriptOutput {
  stdout: string;
  stderr: string;
}

/** Standard output, standard error and exit status of one command. */
interface Section {
  status: number;
  stdout: string;
  stderr: string;
}

const STEP = "read the router";

/** The sections in the output of a script by name. Methods throw SafeguardError SG3101 or SG3102. */
export class SectionReader {
  private readonly sections = new Map<string, Section>();

  constructor(
    output: ScriptOutput,
    private readonly object: string,
  ) {
    const errors = new Map(split(output.stderr).map(({ name, text }) => [name, text]));
    for (const { name, text } of split(output.stdout)) {
      const end = text.lastIndexOf(`\n${SECTION_MARK}= `);
      if (end < 0) continue;
      const status = Number(text.slice(end + SECTION_MARK.length + 3));
      this.sections.set(name, { status, stdout: text.slice(0, end), stderr: (errors.get(name) ?? "").trim() });
    }
  }

  get(name: string): Section {
    const section = this.sections.get(name);
    if (section) return section;
    throw this.unreadable(`its answer lacks the part ${name}`);
  }

  has(name: string): boolean {
    return this.sections.has(name);
  }

  /** The names of all sections with this prefix, without the prefix. */
  names(prefix: string): string[] {
    return [...this.sections.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  }

  /** Why the command of a section did not start; undefined when it ran, whatever its exit status. */
  missing(name: string, tool: string): string | undefined {
    const { status, stderr } = this.get(name);
    if (status === 126) return `${tool} cannot be run`;
    return status === 127 || (status !== 0 && stderr.includes("not found")) ? `${tool} is missing` : undefined;
  }

  /** The output of a section whose command must exist and succeed. */
  tool(name: string, tool: string): string {
    const { status, stdout, stderr } = this.get(name);
    if (status === 0) return stdout;
    const cause = this.missing(name, tool);
    if (cause !== undefined) throw new SafeguardError({ code: "SG3101", object: this.object, step: STEP, cause });
    if (tool === "ip" && /unknown|Usage|unrecognized|invalid option/i.test(stderr)) {
      const cause = "its ip command knows no -N and -j (too old, or BusyBox's)";
      const remedy = "install iproute2 4.20 or newer";
      throw new SafeguardError({ code: "SG3101", object: this.object, step: STEP, cause, remedy });
    }
    throw this.unreadable(`${tool} failed: ${stderr || `exit status ${status}`}`);
  }

  json<T>(name: string, parse: (text: string) => T): T {
    return this.parsed(name, "ip", (text) => parse(text || "[]"));
  }

  /** The parsed output of a tool. */
  parsed<T>(name: string, tool: string, parse: (text: string) => T): T {
    const text = this.tool(name, tool).trim();
    try {
      return parse(text);
    } catch (error) {
      throw this.unreadable(`the answer of ${tool} is not understood (${messageOf(error)})`);
    }
  }

  private unreadable(cause: string) {
    return new SafeguardError({ code: "SG3102", object: this.object, step: STEP, cause });
  }
}

function split(stream: string): { name: string; text: string }[] {
  return stream
    .split(`\n${SECTION_MARK}`)
    .slice(1)
    .reduce<{ name: string; text: string }[]>((sections, part) => {
      if (part.startsWith("= ")) {
        const last = sections.at(-1);
        if (last) last.text += `\n${SECTION_MARK}${part}`;
      } else {
        const end = part.indexOf("\n");
        sections.push({ name: part.slice(0, end), text: part.slice(end + 1) });
      }
      return sections;
    }, []);
}
