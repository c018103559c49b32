import type { ExecCommand, ExecSession } from "./session";

/** The one Tcl command that is served: it writes a text to a file, as clients do that have no `scp`. */
const PUTS = /^puts \[open "([^"]+)" w\+?\] \{([\s\S]*)\}$/;

/** `tclsh`: reads commands until `tclquit`. A command goes on in further lines while a brace is open. */
export const TCL_COMMANDS: readonly ExecCommand[] = [{ pattern: "tclsh", run: readCommands }];

async function readCommands(session: ExecSession): Promise<undefined> {
  const prompt = () => `${session.device.running.hostname}(tcl)#`;
  let text = "";
  for (;;) {
    const line = await session.read(text === "" ? prompt() : "+>");
    if (line === undefined) return;
    if (text === "" && /^(tclquit|exit)$/.test(line.trim())) return;
    text += text === "" ? line : `\n${line}`;
    if (isOpen(text)) continue;
    const [, path = "", content] = PUTS.exec(text.trim()) ?? [];
    if (content !== undefined) session.device.files.write(path, `${content}\n`);
    // Tcl hands a command that it does not know to EXEC.
    else if (text.trim() !== "") await session.executeAndPrint(text.trim());
    text = "";
  }
}

function isOpen(text: string): boolean {
  return text.split("{").length > text.split("}").length;
}
