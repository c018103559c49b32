import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { LabCertificateAuthority } from "../../lab/common/certificates";
import type { Lab } from "../../lab/lab";
import { companySites } from "./company";
import { NewcomerLab } from "./newcomer-lab";
import type { CommandResult } from "./project";

/** One mistake in the site `alpha`: what the user wrote, and the line that the preview prints. */
interface Mistake {
  name: string;
  make(site: Site): void;
  line: RegExp;
  /** How many errors the site has in all. Default 1. */
  errors?: number;
}

// Mistakes break the types on purpose.
// biome-ignore lint/suspicious/noExplicitAny: the values of a mistake have any type
type Site = { cluster: any; join: any; routers: any };

const MISTAKES: Mistake[] = [
  {
    name: "a misspelt property",
    make: ({ cluster }) => {
      cluster.centralManagement.adress = cluster.centralManagement.address;
      delete cluster.centralManagement.address;
    },
    line: /centralManagement\.adress.*address/,
  },
  {
    name: "an environment variable that is not set",
    make: ({ cluster }) => {
      cluster.centralManagement.passwordEnv = "SPS_PASWORD";
    },
    line: /SPS_PASWORD.*\[SG1001\]/,
  },
  {
    name: "a wrong SPS password",
    make: ({ cluster }) => {
      cluster.centralManagement.passwordEnv = "SPP_PASSWORD";
    },
    line: /SG1013/,
  },
  {
    name: "a wrong SPP password",
    make: ({ join }) => {
      join.spp.passwordEnv = "SPS_PASSWORD";
    },
    line: /SG2001/,
  },
  {
    name: "the certificate of another authority",
    make: ({ cluster }) => {
      cluster.centralManagement.ca = "OTHER_CA";
    },
    line: /SG1011/,
  },
  {
    name: "text where a certificate is expected",
    make: ({ cluster }) => {
      cluster.centralManagement.ca = "/etc/ssl/ca.pem";
    },
    line: /ca: it is the path of a file; set it to the content of the file/,
  },
  {
    name: "exchanged addresses of SPS and SPP",
    make: ({ cluster, join }) => {
      const sps = cluster.centralManagement;
      cluster.centralManagement = { ...join.spp, passwordEnv: sps.passwordEnv, username: sps.username };
      join.spp = { ...sps, passwordEnv: join.spp.passwordEnv, username: join.spp.username };
      join.acknowledge = { irreversible: true, sps: cluster.centralManagement.address, spp: join.spp.address };
    },
    line: /exchanged/,
    errors: 2,
  },
  {
    name: "an acknowledgement that names another SPP",
    make: ({ join }) => {
      join.acknowledge.spp = "10.20.30.99";
    },
    line: /acknowledge.*10\.20\.30\.99/,
  },
  {
    name: "an address where nothing answers",
    make: ({ cluster, join }) => {
      cluster.centralManagement.address = "127.0.0.1";
      cluster.centralManagement.port = 9;
      join.acknowledge.sps = "127.0.0.1";
    },
    line: /127\.0\.0\.1.*\[SG1010\]/,
  },
  {
    name: "a port number out of range",
    make: ({ routers }) => {
      routers.edge.redirections[0].ports = [70000];
    },
    line: /redirections\[0\]\.ports\[0\]: 70000\. Allowed values are: 1 to 65535/,
  },
  {
    name: "text where a number is expected",
    make: ({ routers }) => {
      routers.edge.redirections[0].ports = ["3389"];
    },
    line: /redirections\[0\]\.ports\[0\]/,
  },
  {
    name: "a router platform that does not exist",
    make: ({ routers }) => {
      routers.edge.platform = "junos";
    },
    line: /platform.*junos.*linux/,
  },
  {
    name: "a changed host key of the router",
    make: ({ routers }) => {
      routers.edge.router.hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBdSBJYWgbj6kBvVyZsYyEiYPmvRsP4Uu0VGMlEw5Gc1";
    },
    line: /host key.*\[SG\d{4}\]/,
  },
  {
    name: "an interface that the router does not have",
    make: ({ routers }) => {
      routers.edge.redirections[0].spsInterface = "eth99";
    },
    line: /eth99.*\[SG\d{4}\]/,
  },
  {
    name: "a network with host bits",
    make: ({ routers }) => {
      routers.edge.redirections[0].clientCidrs = ["192.168.50.7/24"];
    },
    line: /192\.168\.50\.7\/24/,
  },
];

describe("a newcomer's mistakes", function () {
  this.timeout(120_000);
  let lab: Lab;
  let newcomer: NewcomerLab;
  /** What one preview prints for a company whose every site has another mistake. */
  let preview: CommandResult;

  before(async function () {
    newcomer = await NewcomerLab.start(this, "mistakes");
    ({ lab } = newcomer);
    const project = await newcomer.project("CommonJS");
    const otherCa = (await LabCertificateAuthority.create("another company")).certificatePem;
    const { alpha } = companySites(lab);
    const sites = MISTAKES.map(({ make }, index) => {
      const site = structuredClone(alpha);
      // All sites share the router of the lab.
      for (const redirection of site.routers.edge.redirections) redirection.name = `rdp${index}`;
      make(site);
      return [siteName(index), JSON.parse(JSON.stringify(site).replace('"OTHER_CA"', JSON.stringify(otherCa)))];
    });
    project.write(Object.fromEntries(sites));
    preview = await project.pulumi("preview");
  });
  after(() => newcomer?.stop());

  const siteName = (index: number) => `site${index + 1}`;

  it("fail one preview of all sites, which changes nothing on any appliance", () => {
    assert.notEqual(preview.status, 0, preview.output);
    const changes = lab.sps.flatMap(({ traffic }) => traffic.requests.filter(isChange));
    assert.deepEqual(changes, []);
    assert.deepEqual(lab.spp.traffic.requests.filter(isChange), []);
  });

  for (const [index, { name, line, errors = 1 }] of MISTAKES.entries()) {
    it(`are named in one line of their site: ${name}`, () => {
      // The list at the end; the CLI prints each error while it runs, too.
      const own = preview.output.split("\n").filter((text) => text.startsWith(`    error: ${siteName(index)}-`));
      assert.ok(
        own.some((text) => line.test(text)),
        own.join("\n") || preview.output,
      );
      assert.equal(own.length, errors, own.join("\n"));
    });
  }
});

/** Logins and logouts, which also use other methods than GET, are no changes. */
function isChange({ method, path }: { method: string; path: string }): boolean {
  return method !== "GET" && !/^\/RSTS\/|\/Token\/|\/api\/authentication/.test(path);
}
