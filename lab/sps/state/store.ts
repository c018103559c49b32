import { createHash } from "node:crypto";
import { type Change, changesOf } from "./changes";
import { type JsonObject, sameJson } from "./json";

/** Objects by path. Bodies are replaced, never modified. */
export interface View {
  get(path: string): JsonObject | undefined;
  /** The keys of the objects directly below a path, in order of creation. */
  keys(path: string): string[];
  /** All paths. */
  paths(): string[];
}

/** A view with changes. */
export interface MutableView extends View {
  set(path: string, body: JsonObject): void;
  delete(path: string): void;
}

/** Prefix of paths that the API never shows: pre-shared keys and the membership of the node. */
export const INTERNAL = "hidden:";

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

/** The committed configuration. */
export class ConfigurationStore extends ObjectMap {
  /** Increases with each change; managed hosts compare it with theirs. */
  revision = 0;
  /** Called with the path of each object that is set. */
  onSet: (path: string) => void = () => {
    // Nobody needs to know by default.
  };

  override set(path: string, body: JsonObject): void {
    super.set(path, body);
    this.onSet(path);
  }

  /** Opens a working copy. */
  open(): WorkingCopy {
    return new WorkingCopy(this.snapshot());
  }

  /** Applies a working copy. @returns the changed paths. */
  apply(copy: WorkingCopy): string[] {
    const changed = copy.changedPaths();
    for (const path of changed) {
      const body = copy.get(path);
      if (body === undefined) this.delete(path);
      else this.set(path, body);
    }
    if (changed.length > 0) this.revision += 1;
    return changed;
  }

  /** The configuration as it would be after `apply`. */
  merged(copy: WorkingCopy): View {
    const merged = new ObjectMap(this.snapshot());
    for (const path of copy.changedPaths()) {
      const body = copy.get(path);
      if (body === undefined) merged.delete(path);
      else merged.set(path, body);
    }
    return merged;
  }

  /** Paths that are changed in the copy, and were also changed here since it was opened. */
  conflicts(copy: WorkingCopy): string[] {
    return copy.changedPaths().filter((path) => !sameJson(copy.originalAt(path), this.get(path)));
  }

  /** MD5 of the configuration, as in `config_hash` and `downloaded_xml_hash`. */
  hash(): string {
    const visible = [...this.objects].filter(([path]) => !path.startsWith(INTERNAL));
    return createHash("md5").update(JSON.stringify(visible)).digest("hex");
  }
}

/** The configuration of a session with its uncommitted changes. */
export class WorkingCopy extends ObjectMap {
  private readonly original: Map<string, JsonObject>;

  constructor(original: Map<string, JsonObject>) {
    super(new Map(original));
    this.original = original;
  }

  /** The object as it was when the copy was opened. */
  originalAt(path: string): JsonObject | undefined {
    return this.original.get(path);
  }

  /** Paths whose object differs from the one at opening. */
  changedPaths(): string[] {
    const paths = new Set([...this.original.keys(), ...this.objects.keys()]);
    return [...paths].filter((path) => !sameJson(this.original.get(path), this.objects.get(path)));
  }

  /** The changelog without internal paths. */
  changes(): Change[] {
    const visible = this.changedPaths().filter((path) => !path.startsWith(INTERNAL));
    return visible.flatMap((path) => changesOf(path, this.original.get(path), this.objects.get(path)));
  }
}
