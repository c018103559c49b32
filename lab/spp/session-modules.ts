import type { AddressBook } from "../common/address-book";
import type { FaultSwitches } from "../common/faults";
import { refusals } from "./api-error";
import type { SppVariants } from "./options";
import {
  type ConnectionPolicy,
  defaultConnectionPolicies,
  defaultMembers,
  type SessionMember,
  type SessionModule,
} from "./session-module";

/** A session module and where its join stands. */
export interface ModuleEntry {
  row: SessionModule;
  phase: "joining" | "joined" | "split";
  /** Undefined until SPS has made its objects, or a test reported others. */
  policies: ConnectionPolicy[] | undefined;
  members: SessionMember[] | undefined;
}

/** The changeable part of a session module, as sent with PUT. */
export interface ModuleChange {
  Id?: number;
  NodeId?: string;
  Description?: string | null;
  SpsNetworkAddress?: string | null;
  SpsHostName?: string | null;
  UseHostNameForLaunch?: boolean;
}

/** `Cluster/SessionModules`: the SPS clusters this SPP knows, joined, joining and split. */
export class SessionModules {
  private readonly entries: ModuleEntry[] = [];
  private nextId = 1;
  private everJoined = false;

  constructor(
    private readonly variants: SppVariants,
    private readonly addressBook: AddressBook,
    private readonly faults: FaultSwitches,
  ) {}

  /** The rows a list request shows. */
  list(includeDisconnected: boolean): SessionModule[] {
    return this.entries.filter((entry) => this.shown(entry, includeDisconnected)).map((entry) => this.wire(entry));
  }

  /** @throws ApiError 404 when there is no such row. */
  get(id: number): SessionModule {
    return this.wire(this.entry(id));
  }

  /** True once a module was ever joined; never false again. */
  get isSessionsExternal(): boolean {
    return this.everJoined;
  }

  /** Whether at least one module is linked and trusted. */
  get isJoined(): boolean {
    return this.entries.some((entry) => entry.row.Trusted && entry.phase === "joined");
  }

  /** The entry of an SPS node, whatever its phase. */
  find(nodeId: string): ModuleEntry | undefined {
    return this.entries.find((entry) => entry.row.NodeId.toLowerCase() === nodeId.toLowerCase());
  }

  /** Adds a row, or gives it the id and description of a split row of the same node. */
  add(row: Omit<SessionModule, "Id">): ModuleEntry {
    const old = this.find(row.NodeId);
    if (old && this.variants.rejoinKeepsRow) {
      old.row = {
        ...row,
        Id: old.row.Id,
        Description: old.row.Description,
        UseHostNameForLaunch: old.row.UseHostNameForLaunch,
      };
      old.phase = "joining";
      return old;
    }
    if (old) this.drop(old);
    const entry: ModuleEntry = {
      row: { ...row, Id: this.nextId++ },
      phase: "joining",
      policies: undefined,
      members: undefined,
    };
    this.entries.push(entry);
    return entry;
  }

  /** Marks a handshake as done. */
  trust(entry: ModuleEntry): void {
    entry.phase = "joined";
    entry.row.Trusted = true;
    this.everJoined = true;
  }

  /** Lets go of a row as the first deletion does: it stays known without a certificate. */
  split(entry: ModuleEntry): void {
    entry.phase = "split";
    entry.policies = undefined;
    entry.members = undefined;
    entry.row.CertificateUserThumbprint = null;
    entry.row.ClientCertificateThumbprint = null;
    entry.row.Trusted = this.variants.splitRowTrusted;
  }

  drop(entry: ModuleEntry): void {
    this.entries.splice(this.entries.indexOf(entry), 1);
  }

  /** @throws ApiError 404 when there is no such row. */
  entry(id: number): ModuleEntry {
    const entry = this.entries.find((candidate) => candidate.row.Id === id);
    if (!entry || (entry.phase === "joining" && this.variants.unfinishedJoin === "hidden")) throw refusals.notFound();
    return entry;
  }

  /** @throws ApiError 404, 60102 for another id, 60657 for an invalid or taken node id or too long a description. */
  update(id: number, change: ModuleChange): SessionModule {
    const { row } = this.entry(id);
    if (change.Id !== undefined && change.Id !== id) throw refusals.keyMismatch();
    if (!change.NodeId) throw refusals.sessionConnectionInvalid("NodeId");
    const other = this.find(change.NodeId);
    if (other && other.row !== row) throw refusals.sessionConnectionInvalid("NodeId");
    if ((change.Description ?? "").length > 255) throw refusals.sessionConnectionInvalid("Description");
    row.NodeId = change.NodeId;
    row.Description = change.Description ?? null;
    row.SpsNetworkAddress = change.SpsNetworkAddress ?? null;
    row.SpsHostName = change.SpsHostName ?? row.SpsHostName;
    // A boolean that is left out is read as false.
    if (this.variants.hostNameForLaunchSettable) row.UseHostNameForLaunch = change.UseHostNameForLaunch ?? false;
    return this.get(id);
  }

  /** The nodes behind one module; none while it is not joined. */
  members(entry: ModuleEntry): SessionMember[] {
    if (entry.phase !== "joined" || !entry.row.Trusted) return [];
    const address = entry.row.SpsNetworkAddress ?? entry.row.SpsHostName ?? "";
    return entry.members ?? defaultMembers(entry.row, this.addressBook.find(address) !== undefined);
  }

  /** The connection policies behind one module; none while it is not joined or SPS has not made them. */
  connectionPolicies(entry: ModuleEntry): ConnectionPolicy[] {
    return entry.phase === "joined" ? (entry.policies ?? []) : [];
  }

  /** SPS has made its objects, unless the fault says that it never does. */
  policiesMade(entry: ModuleEntry): void {
    if (this.faults.has("join-no-policies") || entry.phase !== "joined") return;
    entry.policies ??= defaultConnectionPolicies(entry.row);
  }

  all(): readonly ModuleEntry[] {
    return this.entries;
  }

  private shown(entry: ModuleEntry, includeDisconnected: boolean): boolean {
    if (entry.phase === "joined") return true;
    if (entry.phase === "split") return includeDisconnected;
    if (this.variants.unfinishedJoin === "hidden") return false;
    return this.variants.unfinishedJoin === "listed" || includeDisconnected;
  }

  private wire(entry: ModuleEntry): SessionModule {
    const withoutThumbprint = entry.phase === "joining" && this.variants.unfinishedJoin === "disconnected";
    return withoutThumbprint ? { ...entry.row, CertificateUserThumbprint: null } : { ...entry.row };
  }
}
