import { createHash } from "node:crypto";

/** What stands before the name of a file: `bootflash:`. */
const SYSTEM = /^([a-z0-9-]+):\/?(.*)$/i;

/** Bytes of the file system, and those that it has free when it is empty. */
const SIZE = 6_286_540_800;
const FREE = 5_368_709_120;

/** The files of a device: one file system with one folder, under two names as on devices. */
export class FileSystem {
  private readonly contents = new Map<string, string>();

  /** The plain name of a file in the file system; undefined for another file system or a folder. */
  nameOf(path: string): string | undefined {
    const [, system = "bootflash", name = path] = SYSTEM.exec(path) ?? [];
    const isKnown = ["bootflash", "flash"].includes(system.toLowerCase());
    return isKnown && /^[\w.-]+$/.test(name) ? name : undefined;
  }

  /** The content of a file; undefined when there is none. */
  read(path: string): string | undefined {
    const name = this.nameOf(path);
    return name === undefined ? undefined : this.contents.get(name);
  }

  /** @returns false when the path names no file of this file system */
  write(path: string, content: string): boolean {
    const name = this.nameOf(path);
    if (name !== undefined) this.contents.set(name, content);
    return name !== undefined;
  }

  /** @returns false when there is no such file */
  remove(path: string): boolean {
    const name = this.nameOf(path);
    return name !== undefined && this.contents.delete(name);
  }

  md5(path: string): string | undefined {
    const content = this.read(path);
    return content === undefined ? undefined : createHash("md5").update(content).digest("hex");
  }

  /** `dir`, of the folder or of one file. */
  list(path = "bootflash:"): string {
    const isFolder = /^(bootflash|flash):\/?$/i.test(path);
    if (!isFolder && this.read(path) === undefined) return `%Error opening ${path} (No such file or directory)`;
    const shown = [...this.contents].filter(([name]) => isFolder || name === this.nameOf(path));
    const used = [...this.contents.values()].reduce((sum, content) => sum + Buffer.byteLength(content), 0);
    return [
      `Directory of ${path.replace(/:$/, ":/").replace(/:(?!\/)/, ":/")}`,
      "",
      ...shown.map(
        ([name, content], index) =>
          `${String(index + 11).padStart(5)}  -rw- ${String(Buffer.byteLength(content)).padStart(16)}  Jan 05 2026 10:00:00 +00:00  ${name}`,
      ),
      "",
      `${SIZE} bytes total (${FREE - used} bytes free)`,
    ].join("\n");
  }
}
