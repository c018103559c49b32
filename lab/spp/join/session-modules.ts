import type { AddressBook } from "../../common/address-book";
import type { FaultSwitches } from "../../common/faults";
import { refusals } from "../api-error";
import type { SppVariants } from "../options";
import {
  type ConnectionPolicy,
  defaultConnectionPolicies,
  defaultMembers,
  type SessionMember,
  type SessionModule,
} from "./session-module";

/** A session module and the phase of its join. */
export interface ModuleEntry {
  row: SessionModule;
  phase: "joining" | "joined" | "split";
  /** Undefined until SPS created its policies or a test set others. */
  policies: ConnectionPolicy[] | undefined;
  members: SessionMember[] | undefined;
}

/** Body of the PUT of a session module. */
export interface ModuleChange {
  Id?: number;
  NodeId?: string;
  Description?: string | null;
  SpsNetworkAddress?: string | null;
  SpsHostName?: string | null;
  UseHostNameForLaunch?: boolean;
}

/** The SPS clusters that this SPP knows: joining, joined and split. */
export class SessionModules {
  private readonly entries: ModuleEntry[] = [];
  private nextId = 1;
  private wasEverJoined = false;

  constructor(
    private readonly variants: SppVariants,
    private readonly addressBook: AddressBook,
    private readonly faults: FaultSwitches,
  ) {}

  /** The rows of a list request. */
  list(includeDisconnected: boolean): SessionModule[] {
    return this.entries.filter((entry) => this.isListed(entry, includeDisconnected)).map((entry) => this.rowOf(entry));
  }

  /** @throws ApiError 404 when the row does not exist. */
  get(id: number): SessionModule {
    return this.rowOf(this.entry(id));
  }

  /** True forever after the first join. */
  get isSessionsExternal(): boolean {
    return this.wasEverJoined;
  }

  /** Whether at least one module is joined and trusted. */
  get isJoined(): boolean {
    return this.entries.some((entry) => entry.row.Trusted && entry.phase === "joined");
  }

  /** The entry of an SPS node in any phase. */
  find(nodeId: string): ModuleEntry | undefined {
    return this.entries.find((entry) => entry.row.NodeId.toLowerCase() === nodeId.toLowerCase());
  }

  /** Adds a row. Depending on `rejoinKeepsRow` it keeps the id and description of a split row of the same node. */
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
    if (old) this.remove(old);
    const entry: ModuleEntry = {
      row: { ...row, Id: this.nextId++ },
      phase: "joining",
      policies: undefined,
      members: undefined,
    };
    this.entries.push(entry);
    return entry;
  }

  /** Marks a module as joined and trusted. */
  trust(entry: ModuleEntry): void {
    entry.phase = "joined";
    entry.row.Trusted = true;
    this.wasEverJoined = true;
  }

  /** Splits a module, as its first deletion does: the row stays without a certificate. */
  split(entry: ModuleEntry): void {
    entry.phase = "split";
    entry.policies = undefined;
    entry.members = undefined;
    entry.row.CertificateUserThumbprint = null;
    entry.row.ClientCertificateThumbprint = null;
    entry.row.Trusted = this.variants.splitRowTrusted;
  }

  /** Removes a row, as the second deletion does. */
  remove(entry: ModuleEntry): void {
    this.entries.splice(this.entries.indexOf(entry), 1);
  }

  /** @throws ApiError 404 when the row does not exist. */
  entry(id: number): ModuleEntry {
    const entry = this.entries.find((candidate) => candidate.row.Id === id);
    if (!entry || (entry.phase === "joining" && this.variants.unfinishedJoin === "hidden")) throw refusals.notFound();
    return entry;
  }

  /** @throws ApiError 404, 60102 for a different id, 60657 for an invalid node id or a description that is too long. */
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
    // An omitted boolean means false.
    if (this.variants.hostNameForLaunchSettable) row.UseHostNameForLaunch = change.UseHostNameForLaunch ?? false;
    return this.get(id);
  }

  /** The nodes of an SPS cluster; empty unless it is joined. */
  members(entry: ModuleEntry): SessionMember[] {
    if (entry.phase !== "joined" || !entry.row.Trusted) return [];
    const address = entry.row.SpsNetworkAddress ?? entry.row.SpsHostName ?? "";
    return entry.members ?? defaultMembers(entry.row, this.addressBook.find(address) !== undefined);
  }

  /** The connection policies of an SPS cluster; empty until it is joined and SPS created them. */
  connectionPolicies(entry: ModuleEntry): ConnectionPolicy[] {
    return entry.phase === "joined" ? (entry.policies ?? []) : [];
  }

  /** Adds the default policies, unless the fault `join-no-policies` is on. */
  addDefaultPolicies(entry: ModuleEntry): void {
    if (this.faults.has("join-no-policies") || entry.phase !== "joined") return;
    entry.policies ??= defaultConnectionPolicies(entry.row);
  }

  all(): readonly ModuleEntry[] {
    return this.entries;
  }

  private isListed(entry: ModuleEntry, includeDisconnected: boolean): boolean {
    if (entry.phase === "joined") return true;
    if (entry.phase === "split") return includeDisconnected;
    if (this.variants.unfinishedJoin === "hidden") return false;
    return this.variants.unfinishedJoin === "listed" || includeDisconnected;
  }

  private rowOf(entry: ModuleEntry): SessionModule {
    const hidesThumbprint = entry.phase === "joining" && this.variants.unfinishedJoin === "disconnected";
    return hidesThumbprint ? { ...entry.row, CertificateUserThumbprint: null } : { ...entry.row };
  }
}
