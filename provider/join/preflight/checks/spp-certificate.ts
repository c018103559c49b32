import type { Check } from "../check";
import { identity } from "../identity";
import { SOURCES } from "../sources";

/** SPP proves to this machine who it is; whether its names fit is another check. */
export const sppCertificate: Check = {
  id: "spp-certificate",
  title: "SPP proves its identity",
  source: SOURCES.sppCertificates,
  run: ({ spp }) => identity(spp, spp.certificate, [spp.login, spp.status], "spp"),
};
