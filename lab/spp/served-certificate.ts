import type { Server } from "node:https";
import { type IssuedCertificate, LabCertificateAuthority } from "../common/certificates";
import type { FaultSwitches } from "../common/faults";
import type { ResolvedOptions } from "./options";

/** The TLS certificate the appliance serves, which two faults replace at run time. */
export class ServedCertificate {
  private inUse: IssuedCertificate;

  private constructor(
    private readonly faults: FaultSwitches,
    /** The certificate without faults. */
    readonly regular: IssuedCertificate,
    private readonly mismatched: IssuedCertificate,
    private readonly untrusted: IssuedCertificate,
  ) {
    this.inUse = this.current;
  }

  /** Issues the certificate and its two faulty substitutes. */
  static async create(options: ResolvedOptions): Promise<ServedCertificate> {
    const names = { commonName: options.hostName, ...options.certificate };
    const stranger = LabCertificateAuthority.create("Unknown Root").then((authority) => authority.issue(names));
    const [regular, mismatched, untrusted] = await Promise.all([
      options.authority.issue(names),
      // A common name counts where there are no alternative names, so both must differ.
      options.authority.issue({ commonName: "another.invalid", dnsNames: ["another.invalid"] }),
      stranger,
    ]);
    return new ServedCertificate(options.faults, regular, mismatched, untrusted);
  }

  /** The certificate that new connections get now. */
  get current(): IssuedCertificate {
    if (this.faults.has("spp-certificate-mismatch")) return this.mismatched;
    return this.faults.has("spp-untrusted-certificate") ? this.untrusted : this.regular;
  }

  /** Lets a server serve whatever is current when a connection comes in. */
  attach(server: Server): void {
    // Before the server's own listener, which makes the TLS connection from the context that is set then.
    server.prependListener("connection", () => {
      if (this.inUse === this.current) return;
      this.inUse = this.current;
      server.setSecureContext(this.keyAndCertificate());
    });
  }

  keyAndCertificate(): { key: string; cert: string } {
    return { key: this.inUse.privateKeyPem, cert: this.inUse.chainPem };
  }
}
