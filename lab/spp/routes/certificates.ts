import type { FastifyRequest } from "fastify";
import { refusals } from "../api-error";
import { ROLES } from "../authorization";
import type { SppContext } from "../context";
import { collection, selectFields } from "../query/collection";
import { pathParameter, queryOf, type RouteGroup } from "./route";

/** `SslCertificates`: the TLS certificate of the appliance. */
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
    const names = served === context.certificate.regular ? context.options.certificate : undefined;
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

  server.get("/SslCertificates/:thumbprint/Appliances", async (request, reply) => {
    access.userWith(ROLES.readAppliance, request, reply);
    return collection(requested(request).Appliances, queryOf(request), "Appliance");
  });
};

/** A certificate in the format of the variant `certificateEncoding`. */
function encodeCertificate(context: SppContext, pem: string): string {
  if (context.options.variants.certificateEncoding === "pem") return pem;
  return pem.replace(/-----[^-]+-----|\s/g, "");
}
