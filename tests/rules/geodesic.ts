/** An independent measure of the earth for the tests: Vincenty's formulae on WGS84, 0.5 mm where they converge. */
const a = 6_378_137;
const f = 1 / 298.257223563;
const b = a * (1 - f);
const rad = Math.PI / 180;

/** Inverse problem: metres between two positions in degrees. Not for nearly antipodal points. */
export function vincentyM(lon1: number, lat1: number, lon2: number, lat2: number): number {
  const L = (lon2 - lon1) * rad;
  const U1 = Math.atan((1 - f) * Math.tan(lat1 * rad));
  const U2 = Math.atan((1 - f) * Math.tan(lat2 * rad));
  const [sU1, cU1, sU2, cU2] = [Math.sin(U1), Math.cos(U1), Math.sin(U2), Math.cos(U2)];
  let lambda = L;
  for (let i = 0; i < 200; i++) {
    const sl = Math.sin(lambda);
    const cl = Math.cos(lambda);
    const sinS = Math.hypot(cU2 * sl, cU1 * sU2 - sU1 * cU2 * cl);
    if (sinS === 0) return 0;
    const cosS = sU1 * sU2 + cU1 * cU2 * cl;
    const s = Math.atan2(sinS, cosS);
    const sinA = (cU1 * cU2 * sl) / sinS;
    const cos2A = 1 - sinA * sinA;
    const c2m = cos2A === 0 ? 0 : cosS - (2 * sU1 * sU2) / cos2A;
    const C = (f / 16) * cos2A * (4 + f * (4 - 3 * cos2A));
    const next = L + (1 - C) * f * sinA * (s + C * sinS * (c2m + C * cosS * (2 * c2m * c2m - 1)));
    if (Math.abs(next - lambda) < 1e-13) {
      const [A, B] = series(cos2A);
      return b * A * (s - correction(B, sinS, cosS, c2m));
    }
    lambda = next;
  }
  throw new Error(`no convergence for ${lon1} ${lat1} ${lon2} ${lat2}`);
}

/** Direct problem: where one gets from a position, along an azimuth in degrees, after so many metres. */
export function vincentyTo(lon1: number, lat1: number, azimuth: number, metres: number): [lon: number, lat: number] {
  const tanU1 = (1 - f) * Math.tan(lat1 * rad);
  const cU1 = 1 / Math.sqrt(1 + tanU1 * tanU1);
  const sU1 = tanU1 * cU1;
  const [sA1, cA1] = [Math.sin(azimuth * rad), Math.cos(azimuth * rad)];
  const s1 = Math.atan2(tanU1, cA1);
  const sinA = cU1 * sA1;
  const cos2A = 1 - sinA * sinA;
  const [A, B] = series(cos2A);
  let s = metres / (b * A);
  for (let i = 0; i < 200; i++) {
    const c2m = Math.cos(2 * s1 + s);
    const next = metres / (b * A) + correction(B, Math.sin(s), Math.cos(s), c2m);
    const done = Math.abs(next - s) < 1e-14;
    s = next;
    if (done) break;
  }
  const c2m = Math.cos(2 * s1 + s);
  const [sS, cS] = [Math.sin(s), Math.cos(s)];
  const lat = Math.atan2(sU1 * cS + cU1 * sS * cA1, (1 - f) * Math.hypot(sinA, sU1 * sS - cU1 * cS * cA1));
  const lambda = Math.atan2(sS * sA1, cU1 * cS - sU1 * sS * cA1);
  const C = (f / 16) * cos2A * (4 + f * (4 - 3 * cos2A));
  const L = lambda - (1 - C) * f * sinA * (s + C * sS * (c2m + C * cS * (2 * c2m * c2m - 1)));
  return [lon1 + L / rad, lat / rad];
}

function series(cos2A: number): [A: number, B: number] {
  const u2 = (cos2A * (a * a - b * b)) / (b * b);
  return [
    1 + (u2 / 16384) * (4096 + u2 * (-768 + u2 * (320 - 175 * u2))),
    (u2 / 1024) * (256 + u2 * (-128 + u2 * (74 - 47 * u2))),
  ];
}

function correction(B: number, sinS: number, cosS: number, c2m: number): number {
  const inner = (B / 6) * c2m * (4 * sinS * sinS - 3) * (4 * c2m * c2m - 3);
  return B * sinS * (c2m + (B / 4) * (cosS * (2 * c2m * c2m - 1) - inner));
}
