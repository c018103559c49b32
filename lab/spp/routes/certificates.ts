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
      Base64CertificateData: encoded(context, served.certificatePem),
      IsCertificateAuthority: false,
      IssuedBy: served.issuedBy,
      IssuerCertificates: served.issuerPems.map((pem) => encoded(context, pem)),
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

  const named = (request: FastifyRequest) => {
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
    return selectFields(named(request), queryOf(request), "SslCertificate");
  });

  server.get("/SslCertificates/:thumbprint/Appliances", async (request, reply) => {
    access.userWith(ROLES.readAppliance, request, reply);
    return collection(named(request).Appliances, queryOf(request), "Appliance");
  });
};

/** PEM as clients read it, or the bare base64 of the published documents. */
function encoded(context: SppContext, pem: string): string {
  if (context.options.variants.certificateEncoding === "pem") return pem;
  return pem.replace(/-----[^-]+-----|\s/g, "");
}
