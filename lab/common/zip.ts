import { crc32 } from "node:zlib";

/** The date of all entries: 1 January 2026, in the format of MS-DOS. */
const DATE = ((2026 - 1980) << 9) | (1 << 5) | 1;

/** A zip archive with uncompressed files, by name. */
export function zipOf(files: Record<string, string>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const [path, content] = [Buffer.from(name), Buffer.from(text)];
    const header = entryHeader(path, content);
    const central = Buffer.alloc(14);
    central.writeUInt32LE(0o100600 * 0x10000, 6);
    central.writeUInt32LE(offset, 10);
    parts.push(Buffer.from("PK\x03\x04", "latin1"), header, path, content);
    // The directory repeats the header after the version of the writer, and before comment, attributes and offset.
    directory.push(Buffer.from("PK\x01\x02\x14\x03", "latin1"), header, central, path);
    offset += 4 + header.length + path.length + content.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  const count = Object.keys(files).length;
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

/** The fields that a file's header and its entry in the directory share. */
function entryHeader(path: Buffer, content: Buffer): Buffer {
  const header = Buffer.alloc(26);
  header.writeUInt16LE(20, 0);
  header.writeUInt16LE(DATE, 8);
  header.writeUInt32LE(crc32(content), 10);
  header.writeUInt32LE(content.length, 14);
  header.writeUInt32LE(content.length, 18);
  header.writeUInt16LE(path.length, 22);
  return header;
}
