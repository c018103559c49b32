import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { link, open, rename, rm } from "node:fs/promises";
import { Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { messageOf, SafeguardError } from "../../core/errors";
import type { Download } from "../../https/transport";

/** A file that was saved whole. */
export interface SavedFile {
  path: string;
  bytes: number;
  sha256: string;
}

export interface ArchiveFile {
  /** The appliance in messages. */
  object: string;
  path: string;
  kind: "tar.gz" | "zip";
}

/**
 * Writes a download to disk and proves that it is a whole archive. Until then it has another name, which ends in `.part`; after a failure,
 * nothing is left.
 * @param onBytes called with the number of bytes so far
 * @throws SafeguardError SG1017 when the connection breaks, SG1021 for anything but a whole archive
 */
export async function saveArchive(
  { body, explain }: Download,
  { object, path, kind }: ArchiveFile,
  onBytes: (bytes: number) => void,
): Promise<SavedFile> {
  const part = `${path}.part`;
  const hash = createHash("sha256");
  let bytes = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      onBytes(bytes);
      done(undefined, chunk);
    },
  });
  // Bundles hold logs and configuration.
  const file = createWriteStream(part, { flags: "wx", mode: 0o600, flush: true });
  // A stream that fails ends the other one with the same error; only the first tells who failed.
  let failed: "download" | "file" | undefined;
  body.once("error", () => {
    failed ??= "download";
  });
  file.once("error", () => {
    failed ??= "file";
  });
  let isOurs = false;
  file.once("open", () => {
    isOurs = true;
  });
  try {
    await pipeline(body, counter, file);
    const problem = kind === "zip" ? await zipProblem(part) : await gzipProblem(part);
    if (problem) throw new SafeguardError({ code: "SG1021", object, step: "save support bundle", cause: problem });
    await renameUnlessThere(part, path);
  } catch (error) {
    if (isOurs) await rm(part, { force: true });
    if (failed === "download") throw await explain(error);
    if (error instanceof SafeguardError) throw error;
    throw new Error(`${object}: save support bundle: ${path}: ${messageOf(error)}; name another --folder`);
  }
  return { path, bytes, sha256: hash.digest("hex") };
}

/** Renaming alone would replace a file. @throws Error with code EEXIST when there is one */
async function renameUnlessThere(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
    await rm(from);
  } catch (error) {
    // Some file systems have no links.
    if (!["EPERM", "ENOTSUP", "ENOSYS"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await rename(from, to);
  }
}

/** Unpacks the whole file into nothing: gzip has a checksum at its end. */
async function gzipProblem(path: string): Promise<string | undefined> {
  const nothing = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    await pipeline(createReadStream(path), createGunzip(), nothing);
    return undefined;
  } catch (error) {
    return `it is not a complete gzip archive (${messageOf(error)})`;
  }
}

const ZIP_BEGIN = "PK\u0003\u0004";
const ZIP_END = "PK\u0005\u0006";
/** The record at the end of a zip archive, with the longest comment it can have. */
const ZIP_END_BYTES = 22 + 65_535;

/** A zip archive ends with its directory, so one that was cut off has none. */
async function zipProblem(path: string): Promise<string | undefined> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const read = async (length: number, position: number) =>
      (await file.read(Buffer.alloc(length), 0, length, position)).buffer.toString("latin1");
    const end = await read(Math.min(ZIP_END_BYTES, size), Math.max(0, size - ZIP_END_BYTES));
    const isZip = (await read(ZIP_BEGIN.length, 0)) === ZIP_BEGIN && end.includes(ZIP_END);
    return isZip ? undefined : "it is not a complete zip archive";
  } finally {
    await file.close();
  }
}
