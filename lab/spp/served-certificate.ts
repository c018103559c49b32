import type { Server } from "node:https";
import { type IssuedCertificate, LabCertificateAuthority } from "../common/certificates";
import type { FaultSwitches } from "../common/faults";
import type { ResolvedOptions } from "./options";

/** The TLS certificate of the appliance. Two faults replace it at run time. */
export class ServedCertificate {
  private loaded: IssuedCertificate;

  private constructor(
    private readonly faults: FaultSwitches,
    /** The certificate while no fault is on. */
    readonly regular: IssuedCertificate,
    /** The certificate for another name, while that fault is on. */
    readonly mismatched: IssuedCertificate,
    private readonly untrusted: IssuedCertificate,
  ) {
    this.loaded = this.current;
  }

  /** Issues the certificate and the ones for the two faults. */
  static async create(options: ResolvedOptions): Promise<ServedCertificate> {
    const names = { commonName: options.hostName, ...options.certificate };
    const unknownRoot = LabCertificateAuthority.create("Unknown Root").then((authority) => authority.issue(names));
    const [regular, mismatched, untrusted] = await Promise.all([
      options.authority.issue(names),
      // Clients may check the common name instead of the alternative names, so both differ.
      options.authority.issue({ commonName: "another.invalid", dnsNames: ["another.invalid"] }),
      unknownRoot,
    ]);
    return new ServedCertificate(options.faults, regular, mismatched, untrusted);
  }

  /** The certificate for new connections. */
  get current(): IssuedCertificate {
    if (this.faults.has("spp-certificate-mismatch")) return this.mismatched;
    return this.faults.has("spp-untrusted-certificate") ? this.untrusted : this.regular;
  }

  /** Makes a server use the current certificate for each new connection. */
  attach(server: Server): void {
    // Runs before the server's own listener, which creates the TLS connection from the secure context.
    server.prependListener("connection", () => {
      if (this.loaded === this.current) return;
      this.loaded = this.current;
      server.setSecureContext(this.keyAndCertificate());
    });
  }

  /** The private key and the certificate chain, as PEM. */
  keyAndCertificate(): { key: string; cert: string } {
    return { key: this.loaded.privateKeyPem, cert: this.loaded.chainPem };
  }
}
