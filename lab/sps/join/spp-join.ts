import type { AddressBook } from "../../common/address-book";
import { certificateRequest } from "../../common/certificates";
import type { LabClock } from "../../common/clock";
import type { FaultSwitches } from "../../common/faults";
import type { Identity } from "../identity";
import { SpsRefusal } from "../state/errors";
import { isObject, type Json, type JsonObject } from "../state/json";
import type { ConfigurationStore } from "../state/store";
import type { SystemLog } from "../system-log";
import { createSafeguardDefaults } from "./safeguard-default";
import { postToSpp, type SppResponse, SppUnreachable } from "./spp-client";

/** The request of the administrator for a join. */
export interface JoinRequest {
  /** Name or IPv4 address of the SPP primary. */
  spp: string;
  token: string;
  chainPem: string;
}

/** State of the latest join. `failed`: SPP refused the validation and never trusts this node. */
export interface JoinState {
  spp: string;
  phase: "requested" | "validated" | "complete" | "failed";
  /** Names of the existing objects that the join overwrote. */
  overwritten: string[];
}

const SESSION_MODULES = "/service/core/v3/Cluster/SessionModules";
const VALIDATION = "/service/a2a/v2/PsmValidation";

/** SPS's side of a join: requests a session module from SPP, validates itself, then creates the default policies. */
export class SppJoin {
  /** Undefined until SPP accepts a session module. */
  state: JoinState | undefined;
  private isStopped = false;

  constructor(
    private readonly options: {
      identity: Identity;
      store: ConfigurationStore;
      clock: LabClock;
      faults: FaultSwitches;
      addressBook: AddressBook;
      log: SystemLog;
      /** Appliance seconds from the response of SPP to the validation. */
      validationSeconds: number;
      /** Appliance seconds from the validation to the default policies. */
      policySeconds: number;
      /** HTTP status of `JoinFailed`. */
      failedStatus: () => number;
    },
  ) {}

  /**
   * Requests a session module from SPP and returns when SPP accepts. The join then continues in the background.
   * @throws SpsRefusal `JoinFailed` with the response of SPP, or with a text when SPP is unreachable.
   */
  async begin(request: JoinRequest): Promise<void> {
    const { identity, clock, log } = this.options;
    log.write("SPP-join", `joining ${request.spp}`);
    const { csrPem, privateKeyPem } = await certificateRequest(`SPS-${identity.nodeId}`);
    const answer = await this.requestModule(request, {
      NodeId: identity.nodeId,
      CertificateUserCsr: csrPem,
      SpsNetworkAddress: identity.address,
      SpsHostName: identity.hostName,
      FirmwareVersion: identity.firmwareVersion,
    });
    const module = isObject(answer.response) ? answer.response : {};
    const state: JoinState = { spp: request.spp, phase: "requested", overwritten: [] };
    this.state = state;
    clock.after(this.options.validationSeconds, () => this.validate(request, state, module, privateKeyPem));
  }

  /** Stops the background part of a join. */
  stop(): void {
    this.isStopped = true;
  }

  private async requestModule(request: JoinRequest, body: JsonObject): Promise<SppResponse> {
    const { addressBook, faults, log } = this.options;
    const { spp, chainPem, token } = request;
    try {
      if (faults.has("join-address-typo")) {
        throw new SppUnreachable(`https://${spp}${SESSION_MODULES}`, "ConnectionError: no route to host");
      }
      const answer = await postToSpp({ addressBook, spp, chainPem, token, path: SESSION_MODULES, body });
      const isAccepted = answer.status >= 200 && answer.status < 300 && typeof answer.response !== "string";
      if (isAccepted) return answer;
      throw this.failure(answer.url, answer.status, answer.response ?? "");
    } catch (error) {
      if (error instanceof SppUnreachable) throw this.failure(error.url, null, error.message);
      throw error;
    } finally {
      log.write("SPP-join", `asked ${spp} for a session module`);
    }
  }

  private failure(url: string, status: number | null, response: Json): SpsRefusal {
    this.options.log.write("SPP-join", `failed: ${url} answered ${status ?? "nothing"}`);
    const isText = this.options.faults.has("join-response-text") && typeof response !== "string";
    return new SpsRefusal(this.options.failedStatus(), "JoinFailed", "Joining SPP failed; see the details.", {
      url,
      status,
      response: isText ? JSON.stringify(response) : response,
    });
  }

  /** The second request of the handshake, with the client certificate when SPP signed one. */
  private async validate(request: JoinRequest, state: JoinState, module: JsonObject, privateKeyPem: string) {
    if (this.isStopped) return;
    const { identity, addressBook, clock, log } = this.options;
    const certificate = module.CertificateUserPemEncodedCertificate;
    const hasCertificate = typeof certificate === "string" && certificate.includes("-----BEGIN CERTIFICATE-----");
    try {
      const answer = await postToSpp({
        addressBook,
        spp: request.spp,
        chainPem: request.chainPem,
        path: VALIDATION,
        client: hasCertificate ? { certificatePem: certificate, privateKeyPem } : undefined,
        body: { NodeId: identity.nodeId, OneTimeToken: module.OneTimeToken ?? null },
      });
      if (answer.status < 200 || answer.status > 299) throw new Error(`${answer.url} answered ${answer.status}`);
    } catch (error) {
      state.phase = "failed";
      log.write("SPP-join", `failed: ${error instanceof Error ? error.message : "unknown"}`);
      return;
    }
    state.phase = "validated";
    log.write("SPP-join", `${request.spp} trusts this node`);
    if (!this.options.faults.has("join-no-policies")) {
      clock.after(this.options.policySeconds, () => this.createPolicies(state));
    }
  }

  private createPolicies(state: JoinState): void {
    if (this.isStopped) return;
    const { store, log } = this.options;
    state.overwritten = createSafeguardDefaults(store);
    store.revision += 1;
    state.phase = "complete";
    log.write("SPP-join", "policies and plugins are made");
  }
}
