import assert from "node:assert/strict";
import { sshKeyPair } from "../../../lab/common/ssh-keys";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";

describe("RouterRedirection on a Linux router: refusals before anything is changed", function () {
  this.timeout(30_000);
  let router: LabRouter;

  before(async () => {
    router = await LabRouter.start("refusals");
    await router.network.addRouterUser({ username: "operator", password: "open sesame" });
    await router.network.addRouterUser({ username: "second", password: "open sesame", root: true });
    await router.noteClean();
  });
  after(async () => {
    await router.stop();
  });
  afterEach(async () => {
    await router.assertClean();
  });

  async function refused(parts: Record<string, unknown>, message: RegExp): Promise<void> {
    const inputs = await router.inputs(parts);
    await assert.rejects(resource.create(inputs, router.context()), (error: Error) => {
      assert.equal(error.name, "SafeguardError");
      assert.match(error.message, /^router 127\.0\.0\.1:\d+: [^\n]+; [^\n]+ \[SG3\d\d\d\]$/);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /PRIVATE KEY|sesame|hunter2/);
      return true;
    });
  }

  const asRouter = (parts: Record<string, unknown>) => ({ router: { ...(router.raw().router as object), ...parts } });
  const asRedirection = (parts: Record<string, unknown>) => ({ redirections: [router.redirection(parts)] });

  it("refuses an unknown host key and shows the line to paste", async () => {
    const { hostKey } = router.network.description.router;
    await refused(
      asRouter({ hostKey: undefined }),
      /its host key is not known; it presents ssh-ed25519 AAAA\S+; .*\[SG3002\]$/,
    );
    await assert.rejects(
      resource.create(await router.inputs(asRouter({ hostKey: undefined })), router.context()),
      (error: Error) => error.message.includes(hostKey.split(" ").slice(0, 2).join(" ")),
    );
  });

  it("refuses a host key that differs from the pinned one", async () => {
    const { public: other } = sshKeyPair();
    await refused(
      asRouter({ hostKey: other }),
      /its host key is not the pinned one; it presents ssh-ed25519 .*\[SG3003\]$/,
    );
  });

  it("refuses a wrong password and a key that the router does not know", async () => {
    const noKey = { privateKeyFile: undefined };
    await refused(
      asRouter({ ...noKey, username: "second", password: "hunter2" }),
      /user second was refused; .*\[SG3004\]$/,
    );
    const { private: privateKey } = sshKeyPair();
    await refused(asRouter({ ...noKey, privateKey }), /user root was refused; .*\[SG3004\]$/);
    await refused(asRouter({ ...noKey, privateKey: "no key at all" }), /\[SG3005\]$/);
  });

  it("refuses a router that does not answer", async () => {
    await refused(asRouter({ port: 1 }), /log in over SSH: .*ECONNREFUSED.*\[SG3001\]$/);
  });

  it("refuses a user without root rights", async () => {
    const user = { privateKeyFile: undefined, username: "operator", password: "open sesame" };
    await refused(asRouter(user), /open a root shell: .*sudo.*; log in as root, or .*\[SG3006\]$/);
  });

  it("refuses interfaces that do not exist and names the existing ones", async () => {
    const message =
      /redirection rdp: interface eth9 does not exist; correct the name; the router has .*rcli.* \[SG3103\]$/;
    await refused(asRedirection({ clientInterfaces: ["rcli", "eth9"] }), message);
    await refused(asRedirection({ spsInterface: "eth9" }), message);
    await refused(asRedirection({ serverInterfaces: ["eth9"] }), message);
  });

  it("refuses an SPS that is not on its interface or is the router itself", async () => {
    await refused(
      asRedirection({ spsAddress: "172.16.10.2" }),
      /not directly reachable on rsps, which reaches 172\.16\.9\.0\/24; .*\[SG3106\]$/,
    );
    await refused(asRedirection({ spsInterface: "rmgt" }), /not directly reachable on rmgt, .*\[SG3106\]$/);
    await refused(asRedirection({ spsAddress: "172.16.9.1" }), /is the router's own address on rsps; .*\[SG3107\]$/);
  });

  it("refuses a router or an interface with forwarding turned off", async () => {
    await router.run("echo 0 >/proc/sys/net/ipv4/conf/rcli/forwarding");
    await refused({}, /interface rcli forwards no packets; .*\[SG3105\]$/);
    await router.run("echo 0 >/proc/sys/net/ipv4/ip_forward");
    await refused({}, /forwards no packets; .*\[SG3105\]$/);
    await router.run("echo 1 >/proc/sys/net/ipv4/ip_forward");
  });

  it("refuses an SPS interface that is down", async () => {
    await router.network.setLink("rsps", "down");
    await refused({}, /interface rsps is down; bring it up \[SG3104\]$/);
    await router.network.setLink("rsps", "up");
  });

  it("refuses a foreign chain, rule, table or mark", async () => {
    await router.run("iptables -t mangle -N SPS-R-rdp; iptables -t mangle -A SPS-R-rdp -j RETURN");
    await refused(
      {},
      /redirection rdp exists already, and the router records no owner for it; choose another name, or set adopt: true to take it over \[SG3201\]$/,
    );
    await router.run(
      "iptables -t mangle -F SPS-R-rdp; iptables -t mangle -X SPS-R-rdp; ip rule add pref 10302 from 10.9.0.0/16 lookup main",
    );
    await refused({}, /policy rule "priority 10302 .*10\.9\.0\.0.*\[SG3202\]$/);
    await router.run("ip rule del pref 10302; ip rule add pref 500 fwmark 0x2/0xff lookup 103");
    await refused({}, /\[SG3202\]$/);
    await router.run("ip rule del pref 500; ip route add default via 10.0.0.5 table 10302");
    await refused({}, /route "default via 10\.0\.0\.5 dev rsrv table 10302 proto 3" conflicts with .*\[SG3202\]$/);
    await router.run(`ip route flush table 10302
iptables -t mangle -A PREROUTING -i rmgt -j CONNMARK --set-mark 2; ip rule add pref 32764 not fwmark 0xca02 lookup 202`);
    await refused({}, /policy rule "priority 32764 .*redirected to 172\.16\.9\.2 too; .*linux\.mark .*\[SG3202\]$/);
    await router.run("ip rule del pref 32764");
    await refused({}, /"-A PREROUTING -i rmgt -j CONNMARK --set-xmark 0x2\/0xffffffff" of another .*\[SG3202\]$/);
    await router.run("iptables -t mangle -F PREROUTING");
  });

  it("refuses a router without the required tools", async () => {
    for (const tool of ["ip", "iptables-save"]) {
      const path = (await router.runOverSsh(`readlink -f "$(command -v ${tool})"`)).trim();
      await router.runOverSsh(`mount --bind /dev/null ${path}`);
      try {
        await refused(
          { linux: { backend: "iptables-nft" } },
          /: (read the router: ip|check the router: backend iptables-nft: iptables) (is missing|cannot be run); install it on the router \[SG3101\]$/,
        );
      } finally {
        await router.runOverSsh(`umount ${path}`);
      }
    }
  });

  it("refuses a bridge port as interface, because no packet enters on it", async () => {
    await router.run(
      "ip link add lanbr type bridge; ip link add port type veth peer name its-end; ip link set port master lanbr",
    );
    await refused(
      asRedirection({ clientInterfaces: ["port"] }),
      /interface port is a port of lanbr and receives no packets itself; use lanbr \[SG3103\]$/,
    );
    await router.run("ip link del port; ip link del lanbr");
  });
});
