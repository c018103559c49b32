import { randomBytes } from "node:crypto";
import { LabCertificateAuthority } from "../../common/certificates";
import type { LabClock } from "../../common/clock";
import type { FaultSwitches } from "../../common/faults";
import type { AccessRequests } from "../access-requests";
import { refusals } from "../api-error";
import type { SppUser } from "../login/users";
import type { ClusterLock } from "./cluster-lock";
import type { SessionModule } from "./session-module";
import type { ModuleEntry, SessionModules } from "./session-modules";

/** Limit of the handshake. An unfinished handshake blocks other operations for this time. */
const HANDSHAKE_SECONDS = 300;
/** Time from the validation to `Trusted`. */
const TRUST_SECONDS = 2;
/** Time from `Trusted` until SPP finds the policies that SPS created. */
const POLICIES_SECONDS = 30;

/** The request of SPS that starts a join. */
export interface JoinRequest {
  NodeId?: string;
  CertificateUserCsr?: string;
  SpsNetworkAddress?: string;
  SpsHostName?: string;
  FirmwareVersion?: string;
}

interface PendingJoin {
  entry: ModuleEntry;
  oneTimeToken: string;
  started: Date;
  isTokenUsed: boolean;
  /** The split row that this join reuses; undefined for a new row. */
  previous: SessionModule | undefined;
}

/**
 * SPP's side of a join. The vendor's pages on join errors describe the two requests of SPS, their order and the limit of
 * five minutes. The body of `a2a/v2/PsmValidation` is not published; this one is the lab's own.
 */
export class Handshake {
  private pending: PendingJoin | undefined;
  private certificateAuthority: Promise<LabCertificateAuthority> | undefined;
  private nextCertificateUserId = 57;

  constructor(
    private readonly parts: {
      clock: LabClock;
      faults: FaultSwitches;
      lock: ClusterLock;
      modules: SessionModules;
      requests: AccessRequests;
      /** The certificate chain that SPP serves now, as PEM. */
      chainPem: () => string;
    },
  ) {}

  /**
   * Starts a join: signs the certificate request of SPS with SPP's own authority and issues a one-time token.
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
      const pending: PendingJoin = { entry, oneTimeToken, started: clock.now(), isTokenUsed: false, previous };
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
   * Completes a join with the one-time token that SPS presents.
   * @throws ApiError 403 with 60108 for an unknown or used token, and after five minutes.
   */
  validate(nodeId: string, oneTimeToken: string): void {
    const { clock, faults } = this.parts;
    const pending = this.pending;
    if (!pending || pending.isTokenUsed || pending.oneTimeToken !== oneTimeToken) throw refusals.handshakeRefused();
    if (pending.entry.row.NodeId.toLowerCase() !== nodeId.toLowerCase()) throw refusals.handshakeRefused();
    const elapsedSeconds = (clock.now().getTime() - pending.started.getTime()) / 1000;
    if (faults.has("join-over-five-minutes") || elapsedSeconds > HANDSHAKE_SECONDS) throw refusals.handshakeRefused();
    pending.isTokenUsed = true;
    if (!faults.has("join-never-trusted")) clock.after(TRUST_SECONDS, () => this.trust(pending));
  }

  /** Cancels the join of a row that is being deleted. */
  abandon(entry: ModuleEntry): void {
    if (this.pending?.entry !== entry) return;
    this.pending = undefined;
    this.parts.lock.release();
  }

  private trust(pending: PendingJoin): void {
    if (this.pending !== pending) return;
    this.pending = undefined;
    const { clock, lock, modules, requests } = this.parts;
    modules.trust(pending.entry);
    requests.closeAll();
    lock.release();
    clock.after(POLICIES_SECONDS, () => modules.addDefaultPolicies(pending.entry));
  }

  private expire(pending: PendingJoin): void {
    if (this.pending !== pending) return;
    this.pending = undefined;
    const { lock, modules } = this.parts;
    lock.release();
    // A validated join keeps its row even when it is never trusted.
    if (pending.isTokenUsed) return;
    if (pending.previous) {
      pending.entry.row = pending.previous;
      pending.entry.phase = "split";
    } else {
      modules.remove(pending.entry);
    }
  }
}
