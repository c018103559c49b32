const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const { Site } = require("pulumi-safeguard");

/*
 * One site. The addresses come from the columns config:… of sites.csv, the passwords from the environment of the rollout.
 * Plain JavaScript, because each site starts this program, and TypeScript would be compiled each time.
 */
const config = new pulumi.Config();
const sps = config.require("sps");
const spp = config.require("spp");
const port = config.getNumber("port");
/** Certificates of the authority that issued those of the appliances; without it, the system's authorities are trusted. */
const caFile = config.get("caFile");
const ca = caFile && readFileSync(caFile, "utf8");

/** The address of the site's Sophos UTM; sites without it get no redirection. */
const router = config.get("router");
const routers = router && {
  utm: {
    platform: "sophos-utm",
    router: {
      address: router,
      port: config.getNumber("routerPort"),
      certificateSha256: config.require("routerCertificate"),
      passwordEnv: "ROUTER_TOKEN",
    },
    redirections: [
      {
        name: "admins",
        clientInterfaces: ["Internal"],
        serverCidrs: [config.require("servers")],
        ports: [22, 3389],
        // The address of SPS on its link to the router.
        spsAddress: config.get("spsBesideRouter") ?? sps,
        spsInterface: "SPS",
        failMode: "open",
        existingConnections: "cut",
      },
    ],
  },
};

const site = new Site(pulumi.getStack(), {
  cluster: { centralManagement: { address: sps, port, ca, username: "admin", passwordEnv: "SPS_PASSWORD" } },
  join: {
    spp: { address: spp, port, ca, username: "safeguard-join", passwordEnv: "SPP_PASSWORD" },
    acknowledge: { irreversible: true, sps, spp },
  },
  routers,
});

exports.health = site.join.health;
