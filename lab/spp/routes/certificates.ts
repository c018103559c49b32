import { X509Certificate } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { refusals } from "../api-error";
import { ROLES } from "../authorization";
import type { SppContext } from "../context";
import { collection, selectFields } from "../query/collection";
import { pathParameter, queryOf, type RouteGroup } from "./route";

/** `SslCertificates`: the TLS certificate of the appliance; `TrustedCertificates`: the authority that issued it. */
export const certificateRoutes: RouteGroup = (server, context, access) => {
  const { identity } = context;
  const appliance = () => ({
    Id: identity.applianceId,
    Name: identity.name,
    Ipv4Address: identity.address,
    Ipv6Address: null,
  });

  const certificate = () => {
    const served = context.certificate.current;
    const names = served === context.certificate.mismatched ? undefined : context.options.certificate;
    return {
      Subject: served.subject,
      Base64CertificateData: encodeCertificate(context, served.certificatePem),
      IsCertificateAuthority: false,
      IssuedBy: served.issuedBy,
      IssuerCertificates: served.issuerPems.map((pem) => encodeCertificate(context, pem)),
      DnsNames: names?.dnsNames ?? [served.subject.replace(/^CN=/, "")],
      IpAddresses: names?.ipAddresses ?? [],
      NotBefore: served.notBefore.toISOString(),
      NotAfter: served.notAfter.toISOString(),
      Thumbprint: served.thumbprint,
      Passphrase: null,
      CertificateType: "Ssl",
      IsSystemOwned: false,
      SystemOwnedPrivateKey: false,
      Appliances: [appliance()],
    };
  };

  const requested = (request: FastifyRequest) => {
    const found = certificate();
    if (pathParameter(request, "thumbprint").toUpperCase() !== found.Thumbprint) throw refusals.notFound();
    return found;
  };

  server.get("/SslCertificates", async (request, reply) => {
    access.userWith(ROLES.readAppliance, request, reply);
    return collection([certificate()], queryOf(request), "SslCertificate");
  });

  server.get("/SslCertificates/:thumbprint", async (request, reply) => {
    access.userWith(ROLES.readAppliance, request, reply);
    return selectFields(requested(request), queryOf(request), "SslCertificate");
  });

  // The properties of an installed authority are those of a certificate without its appliances.
  const trusted = () =>
    context.certificate.current.issuerPems.map((pem) => {
      const issuer = new X509Certificate(pem);
      return {
        Subject: issuer.subject,
        Base64CertificateData: encodeCertificate(context, pem),
        IsCertificateAuthority: true,
        IssuedBy: issuer.issuer,
        IssuerCertificates: [],
        DnsNames: [],
        IpAddresses: [],
        NotBefore: new Date(issuer.validFrom).toISOString(),
        NotAfter: new Date(issuer.validTo).toISOString(),
        Thumbprint: issuer.fingerprint.replaceAll(":", ""),
        Passphrase: null,
        CertificateType: "Trusted",
        IsSystemOwned: false,
        SystemOwnedPrivateKey: false,
      };
    });

  server.get("/TrustedCertificates", async (request, reply) => {
    access.userWith(ROLES.readAppliance, request, reply);
    return collection(trusted(), queryOf(request), "ServerCertificate");
  });

  server.get("/TrustedCertificates/:thumbprint", async (request, reply) => {
    access.userWith(ROLES.readAppliance, request, reply);
    const thumbprint = pathParameter(request, "thumbprint").toUpperCase();
    const found = trusted().find((candidate) => candidate.Thumbprint === thumbprint);
    if (!found) throw refusals.notFound();
    return selectFields(found, queryOf(request), "ServerCertificate");
  });

  server.get("/SslCertificates/:thumbprint/Appliances", async (request, reply) => {
    access.userWith(ROLES.readAppliance, request, reply);
    return collection(requested(request).Appliances, queryOf(request), "Appliance");
  });
};

/** A certificate in the format of the variant `certificateEncoding`. */
function encodeCertificate(context: SppContext, pem: string): string {
  const { certificateEncoding } = context.options.variants;
  if (certificateEncoding === "pem") return pem;
  if (certificateEncoding === "pem-crlf") return pem.replaceAll("\n", "\r\n");
  return pem.replace(/-----[^-]+-----|\s/g, "");
}
