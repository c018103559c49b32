/** The output of one script, and its exit status where the stream carries it. */
export interface Segment {
  text: string;
  status: number;
}

/** Longest end of a mark: a blank, an exit status and a line break. */
const MARK_END_CHARACTERS = 6;

/**
 * One output stream of a shell, cut into segments at marks: lines with a random word, and with the exit status where one is asked for. The
 * text before the first mark is of login files and dropped. Each piece is read once, however much has arrived before.
 */
export class MarkedOutput {
  private readonly pattern: RegExp;
  private readonly carryCharacters: number;
  private readonly segments: Segment[] = [];
  private pieces: string[] = [];
  private isBegun = false;
  /** The end of what has arrived, which may be the beginning of a mark. */
  private carry = "";
  /** Characters of the segments and pieces, without the carry. */
  private keptCharacters = 0;

  constructor(
    private readonly marker: string,
    private readonly hasStatus: boolean,
  ) {
    this.pattern = new RegExp(hasStatus ? `\\n${marker}(?: (\\d{1,3}))?\\n` : `\\n${marker}\\n`);
    this.carryCharacters = marker.length + MARK_END_CHARACTERS;
  }

  /** Characters that wait here. */
  get length(): number {
    return this.keptCharacters + this.carry.length;
  }

  append(text: string): void {
    let rest = this.carry + text;
    for (;;) {
      const mark = this.pattern.exec(rest);
      if (!mark) break;
      const [whole, status] = mark;
      const after = mark.index + whole.length;
      if (!this.isBegun) {
        this.isBegun = true;
        this.empty();
      } else if (status !== undefined || !this.hasStatus) {
        this.keep(rest.slice(0, mark.index));
        this.segments.push({ text: this.pieces.join(""), status: Number(status) });
        this.pieces = [];
      } else this.keep(rest.slice(0, after));
      rest = rest.slice(after);
    }
    const kept = Math.max(rest.length - this.carryCharacters, 0);
    this.keep(rest.slice(0, kept));
    this.carry = rest.slice(kept);
  }

  /** The finished segments that wait. */
  get count(): number {
    return this.segments.length;
  }

  /** Takes the oldest finished segment. */
  take(): Segment | undefined {
    const segment = this.segments.shift();
    this.keptCharacters -= segment?.text.length ?? 0;
    return segment;
  }

  /** The text of the oldest segment, finished or not. */
  get current(): string {
    return this.segments[0]?.text ?? this.unfinished;
  }

  /** The text of the segment that is not finished. */
  get unfinished(): string {
    return (this.pieces.join("") + this.carry).replaceAll(this.marker, "");
  }

  /** Replaces the middle of the unfinished segment by a note once it has more than twice as many characters as to keep. */
  cutMiddle(keepCharacters: number): void {
    if (this.keptCharacters <= 2 * keepCharacters) return;
    const text = this.pieces.join("");
    const half = keepCharacters / 2;
    const left = text.length - keepCharacters;
    if (left <= 0) return;
    const note = `\n… (${left.toLocaleString("en")} characters cut)\n`;
    this.empty();
    this.keep(text.slice(0, half) + note + text.slice(-half));
  }

  private keep(text: string): void {
    if (text === "") return;
    this.pieces.push(text);
    this.keptCharacters += text.length;
  }

  private empty(): void {
    this.keptCharacters -= this.pieces.reduce((sum, { length }) => sum + length, 0);
    this.pieces = [];
  }
}
