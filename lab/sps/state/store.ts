import { createHash } from "node:crypto";
import { type Change, changesOf } from "./changes";
import { type JsonObject, sameJson } from "./json";

/** Objects by their path. Bodies are never changed in place, only replaced. */
export interface View {
  get(path: string): JsonObject | undefined;
  /** The keys of the objects directly under a path, in order of creation. */
  keys(path: string): string[];
  /** All paths there are. */
  paths(): string[];
}

/** A view that can be changed. */
export interface MutableView extends View {
  set(path: string, body: JsonObject): void;
  delete(path: string): void;
}

/** Paths that only the appliance itself sees: pre-shared keys and its own membership. */
export const HIDDEN = "hidden:";

class ObjectMap implements MutableView {
  constructor(protected objects: Map<string, JsonObject> = new Map()) {}

  get(path: string): JsonObject | undefined {
    return this.objects.get(path);
  }

  keys(path: string): string[] {
    const prefix = `${path}/`;
    const below = this.paths().filter((other) => other.startsWith(prefix));
    return below.map((other) => other.slice(prefix.length)).filter((key) => !key.includes("/"));
  }

  paths(): string[] {
    return [...this.objects.keys()];
  }

  set(path: string, body: JsonObject): void {
    this.objects.set(path, body);
  }

  delete(path: string): void {
    this.objects.delete(path);
  }

  protected snapshot(): Map<string, JsonObject> {
    return new Map(this.objects);
  }
}

/** The configuration in force. */
export class ConfigurationStore extends ObjectMap {
  /** Counts every change, so that managed hosts can tell whether theirs is old. */
  revision = 0;

  /** A copy to work on. */
  open(): WorkingCopy {
    return new WorkingCopy(this.snapshot());
  }

  /** Puts the changes of a working copy in force and returns the paths they touched. */
  apply(copy: WorkingCopy): string[] {
    const touched = copy.touched();
    for (const path of touched) {
      const body = copy.get(path);
      if (body === undefined) this.delete(path);
      else this.set(path, body);
    }
    if (touched.length > 0) this.revision += 1;
    return touched;
  }

  /** What would be in force after `apply`. */
  merged(copy: WorkingCopy): View {
    const merged = new ObjectMap(this.snapshot());
    for (const path of copy.touched()) {
      const body = copy.get(path);
      if (body === undefined) merged.delete(path);
      else merged.set(path, body);
    }
    return merged;
  }

  /** The touched paths that somebody else changed after the copy was opened. */
  conflicts(copy: WorkingCopy): string[] {
    return copy.touched().filter((path) => !sameJson(copy.base(path), this.get(path)));
  }

  /** MD5 of everything in force, as `config_hash` and `downloaded_xml_hash` show it. */
  hash(): string {
    const visible = [...this.objects].filter(([path]) => !path.startsWith(HIDDEN));
    return createHash("md5").update(JSON.stringify(visible)).digest("hex");
  }
}

/** The configuration as one session sees and changes it before commit. */
export class WorkingCopy extends ObjectMap {
  private readonly original: Map<string, JsonObject>;

  constructor(original: Map<string, JsonObject>) {
    super(new Map(original));
    this.original = original;
  }

  /** The object as it was when the copy was opened. */
  base(path: string): JsonObject | undefined {
    return this.original.get(path);
  }

  /** Paths whose object differs from what it was at opening. */
  touched(): string[] {
    const paths = new Set([...this.original.keys(), ...this.objects.keys()]);
    return [...paths].filter((path) => !sameJson(this.original.get(path), this.objects.get(path)));
  }

  /** The changelog; what the appliance keeps to itself is left out. */
  changes(): Change[] {
    const visible = this.touched().filter((path) => !path.startsWith(HIDDEN));
    return visible.flatMap((path) => changesOf(path, this.original.get(path), this.objects.get(path)));
  }
}
