import { randomBytes } from "node:crypto";
import { LabCertificateAuthority } from "../common/certificates";
import type { LabClock } from "../common/clock";
import type { FaultSwitches } from "../common/faults";
import type { AccessRequests } from "./access-requests";
import { refusals } from "./api-error";
import type { ClusterLock } from "./cluster-lock";
import type { SessionModule } from "./session-module";
import type { ModuleEntry, SessionModules } from "./session-modules";
import type { SppUser } from "./users";

/** The handshake must be done within this time, and an unfinished one stands in the way of others for as long. */
const HANDSHAKE_SECONDS = 300;
/** From the validation to `Trusted`. */
const TRUST_SECONDS = 2;
/** From `Trusted` until SPP finds the policies SPS has made. */
const POLICIES_SECONDS = 30;

/** What SPS sends to be joined. */
export interface JoinRequest {
  NodeId?: string;
  CertificateUserCsr?: string;
  SpsNetworkAddress?: string;
  SpsHostName?: string;
  FirmwareVersion?: string;
}

interface Pending {
  entry: ModuleEntry;
  oneTimeToken: string;
  started: Date;
  used: boolean;
  /** The split row this join took over; undefined for a new row. */
  previous: SessionModule | undefined;
}

/**
 * SPP's side of a join. The two requests of SPS, their order and the five minutes are from the vendor's pages on join
 * errors; the bodies of `a2a/v2/PsmValidation` are published nowhere, so they are an agreement between the lab's own
 * appliances.
 */
export class Handshake {
  private pending: Pending | undefined;
  private certificateAuthority: Promise<LabCertificateAuthority> | undefined;
  private nextCertificateUserId = 57;

  constructor(
    private readonly parts: {
      clock: LabClock;
      faults: FaultSwitches;
      lock: ClusterLock;
      modules: SessionModules;
      requests: AccessRequests;
      /** The certificate chain SPP serves now, as PEM. */
      chainPem: () => string;
    },
  ) {}

  /**
   * Begins a join: signs the request of SPS with SPP's own authority and hands out a one-time token.
   * @throws ApiError 60657 for a missing, malformed or taken value, 60910 while another operation runs.
   */
  async begin(user: SppUser, request: JoinRequest): Promise<SessionModule> {
    const { clock, faults, lock, modules } = this.parts;
    const nodeId = request.NodeId;
    if (!nodeId || nodeId.length > 255) throw refusals.sessionConnectionInvalid("NodeId");
    const csr = request.CertificateUserCsr;
    if (!csr) throw refusals.sessionConnectionInvalid("CertificateUserCsr");
    lock.acquire();
    try {
      const old = modules.find(nodeId);
      if (faults.has("join-already-linked") || (old && old.phase !== "split")) {
        throw refusals.sessionConnectionInvalid("NodeId");
      }
      this.certificateAuthority ??= LabCertificateAuthority.create("SPP internal CA");
      const authority = await this.certificateAuthority;
      const signed = await authority.signRequest(csr).catch(() => {
        throw refusals.sessionConnectionInvalid("CertificateUserCsr");
      });
      const previous = old && { ...old.row };
      const entry = modules.add({
        NodeId: nodeId,
        Description: null,
        SpsNetworkAddress: request.SpsNetworkAddress ?? null,
        SpsHostName: request.SpsHostName ?? null,
        CertificateUserCsr: null,
        SppSslPemEncodedCertificateChain: null,
        OneTimeToken: null,
        Trusted: false,
        CertificateUserPemEncodedCertificate: null,
        CertificateUserId: this.nextCertificateUserId++,
        CertificateUserThumbprint: signed.thumbprint,
        CertificateUser: `SPS-${nodeId.slice(0, 8)}`,
        ClientCertificateThumbprint: signed.thumbprint,
        UseHostNameForLaunch: false,
        FirmwareVersion: request.FirmwareVersion ?? null,
        CreatedDate: clock.now().toISOString(),
        CreatedByUserId: user.id,
        CreatedByUserDisplayName: user.displayName,
      });
      const oneTimeToken = randomBytes(32).toString("base64url");
      const pending: Pending = { entry, oneTimeToken, started: clock.now(), used: false, previous };
      this.pending = pending;
      clock.after(HANDSHAKE_SECONDS, () => this.expire(pending));
      return {
        ...entry.row,
        CertificateUserCsr: csr,
        SppSslPemEncodedCertificateChain: this.parts.chainPem(),
        OneTimeToken: oneTimeToken,
        CertificateUserPemEncodedCertificate: signed.certificatePem,
      };
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /**
   * Ends a join: SPS shows the one-time token.
   * @throws ApiError 403 with 60108 for an unknown or used token and after more than five minutes.
   */
  validate(nodeId: string, oneTimeToken: string): void {
    const { clock, faults } = this.parts;
    const pending = this.pending;
    if (!pending || pending.used || pending.oneTimeToken !== oneTimeToken) throw refusals.handshakeRefused();
    if (pending.entry.row.NodeId.toLowerCase() !== nodeId.toLowerCase()) throw refusals.handshakeRefused();
    const elapsedSeconds = (clock.now().getTime() - pending.started.getTime()) / 1000;
    if (faults.has("join-over-five-minutes") || elapsedSeconds > HANDSHAKE_SECONDS) throw refusals.handshakeRefused();
    pending.used = true;
    if (!faults.has("join-never-trusted")) clock.after(TRUST_SECONDS, () => this.trust(pending));
  }

  /** Gives up the join of a row that is being deleted. */
  abandon(entry: ModuleEntry): void {
    if (this.pending?.entry !== entry) return;
    this.pending = undefined;
    this.parts.lock.release();
  }

  private trust(pending: Pending): void {
    if (this.pending !== pending) return;
    this.pending = undefined;
    const { clock, lock, modules, requests } = this.parts;
    modules.trust(pending.entry);
    requests.closeAll();
    lock.release();
    clock.after(POLICIES_SECONDS, () => modules.policiesMade(pending.entry));
  }

  private expire(pending: Pending): void {
    if (this.pending !== pending) return;
    this.pending = undefined;
    const { lock, modules } = this.parts;
    lock.release();
    // A validated join that is never trusted keeps its row; one that was never validated leaves no trace.
    if (pending.used) return;
    if (pending.previous) {
      pending.entry.row = pending.previous;
      pending.entry.phase = "split";
    } else {
      modules.drop(pending.entry);
    }
  }
}
