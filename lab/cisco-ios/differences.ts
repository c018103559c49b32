/** The commands of a configuration by the top-level command they belong to; a command without others has none. */
function blocksOf(text: string): Map<string, string[]> {
  const blocks = new Map<string, string[]>();
  let inside: string[] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "" || line.startsWith("!") || line === "end" || line.startsWith("version ")) continue;
    if (line.startsWith(" ")) inside.push(line.trim());
    else {
      inside = blocks.get(line) ?? [];
      blocks.set(line, inside);
    }
  }
  return blocks;
}

/** `show archive config differences`: what the second configuration has more and less than the first. */
export function differencesText(before: string, after: string): string {
  const [old, now] = [blocksOf(before), blocksOf(after)];
  const changed: string[] = [];
  for (const [head, lines] of now) {
    const known = old.get(head);
    const added = lines.filter((line) => !known?.includes(line)).map((line) => ` +${line}`);
    const removed = (known ?? []).filter((line) => !lines.includes(line)).map((line) => ` -${line}`);
    if (!known) changed.push(`+${head}`, ...added);
    else if (added.length + removed.length > 0) changed.push(head, ...added, ...removed);
  }
  for (const [head, lines] of old) if (!now.has(head)) changed.push(`-${head}`, ...lines.map((line) => ` -${line}`));
  const body = changed.length > 0 ? changed : ["!No changes were found"];
  return ["!Contextual Config Diffs:", ...body].join("\n");
}

/** `show archive config incremental-diffs`: the commands of a file that the running configuration has not. */
export function incrementalText(running: string, file: string): string {
  const [has, wants] = [blocksOf(running), blocksOf(file)];
  const commands = [...wants].flatMap(([head, lines]) => {
    const missing = lines.filter((line) => !has.get(head)?.includes(line)).map((line) => ` ${line}`);
    return missing.length > 0 || !has.has(head) ? [head, ...missing] : [];
  });
  return [
    "!List of Commands:",
    ...(commands.length > 0 ? [...commands, "end"] : ["end", "!No changes were found"]),
  ].join("\n");
}
