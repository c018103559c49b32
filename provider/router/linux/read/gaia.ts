import type { FoundGaia } from "../model/gaia";

/** Shell function that prints what Gaia says of itself; nothing on other systems. It changes nothing. */
export const GAIA_FUNCTION = `sps_gaia() {
  [ -r /etc/cp-release ] || return 0
  printf 'release %s\\n' "$(head -n 1 /etc/cp-release)"
  { iptables -m connmark -h && iptables -j CONNMARK -h; } >/dev/null 2>&1 && echo connmark
  (
    # Shells that are no login shells lack the search path of Check Point.
    if [ -r /etc/profile.d/CP.sh ]; then . /etc/profile.d/CP.sh; fi >/dev/null 2>&1
    fwaccel stat </dev/null 2>/dev/null
  ) | sed 's/^/fwaccel /'
}`;

/** Reads the output of the function. The format of `fwaccel stat` differs between versions. */
export function parseGaia(text: string): FoundGaia | undefined {
  const release = /^release (.*)$/m.exec(text)?.[1];
  if (release === undefined) return undefined;
  const isOff = /^fwaccel .*(?:Status *: *off|\|(?:SND|KPPAK|UPPAK) *\| *disabled)/im.test(text);
  const isOn = /^fwaccel .*(?:Status *: *on|\|(?:SND|KPPAK|UPPAK) *\| *enabled)/im.test(text);
  return {
    release,
    secureXl: isOn ? "on" : isOff ? "off" : "unknown",
    hasConnmark: /^connmark$/m.test(text),
  };
}
