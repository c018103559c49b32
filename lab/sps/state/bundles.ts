import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { LabClock } from "../../common/clock";

/** Time to collect a support bundle, in appliance seconds. */
export const COLLECT_SECONDS = 30;
const KEEP_SECONDS = 24 * 3600;

/** A support bundle, in progress or finished. */
export interface Bundle {
  key: string;
  startedAt: number;
}

/** The support bundle of an appliance. There is at most one; the appliance removes it after a day. */
export class SupportBundles {
  private bundle: Bundle | undefined;

  constructor(
    private readonly clock: LabClock,
    private readonly content: () => string,
  ) {}

  /** The current bundle, if any. */
  current(): Bundle | undefined {
    if (this.bundle && this.ageSeconds(this.bundle) > KEEP_SECONDS) this.bundle = undefined;
    return this.bundle;
  }

  isFinished(bundle: Bundle): boolean {
    return this.ageSeconds(bundle) >= COLLECT_SECONDS;
  }

  /** Starts a new bundle, which replaces the old one. */
  start(): Bundle {
    this.bundle = { key: randomBytes(4).toString("hex"), startedAt: this.clock.now().getTime() };
    return this.bundle;
  }

  remove(): void {
    this.bundle = undefined;
  }

  /** The finished bundle: a gzip-compressed tar archive with the system log. */
  archive(): Buffer {
    return gzipSync(tarOf("support-bundle/messages.log", Buffer.from(this.content())));
  }

  private ageSeconds(bundle: Bundle): number {
    return (this.clock.now().getTime() - bundle.startedAt) / 1000;
  }
}

/** A tar archive with one file. */
function tarOf(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write("0000600\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("        0", 148);
  header.write("ustar\0", 257);
  header.write("00", 263);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([header, content, padding, Buffer.alloc(1024)]);
}
