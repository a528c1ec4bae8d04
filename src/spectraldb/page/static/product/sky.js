// Places on the sky of a cube's spaxels.

const RAD = Math.PI / 180;

/** The sky of an image: `ra` and `dec` in degrees of each pixel. */
export class Sky {
  constructor(ra, dec) {
    this.ra = ra;
    this.dec = dec;
    this.ny = ra.length;
    this.nx = ra[0].length;
    const [y, x] = [Math.floor(this.ny / 2), Math.floor(this.nx / 2)];
    const x2 = Math.min(x + 1, this.nx - 1);
    const y2 = Math.min(y + 1, this.ny - 1);
    this.scaleX = separation(ra[y][x], dec[y][x], ra[y][x2], dec[y][x2]) || 0.1;
    this.scaleY = separation(ra[y][x], dec[y][x], ra[y2][x], dec[y2][x]) || 0.1;
  }

  /** Return the places of columns and rows: arcsec from the middle of the image. */
  get offsets() {
    const along = (n, middle, scale) => Array.from({ length: n }, (_, i) => (i - middle) * scale);
    return {
      x: along(this.nx, this.middleX, this.scaleX),
      y: along(this.ny, this.middleY, this.scaleY),
    };
  }

  get middleX() {
    return (this.nx - 1) / 2;
  }

  get middleY() {
    return (this.ny - 1) / 2;
  }

  /** Return right ascension and declination of an offset in arcsec, between spaxels too. */
  at(dx, dy) {
    const [x, y] = [dx / this.scaleX + this.middleX, dy / this.scaleY + this.middleY];
    return [between(this.ra, x, y, true), between(this.dec, x, y, false)];
  }

  /** Return the offset in arcsec of the spaxel nearest to a position. */
  offsetOf(ra, dec) {
    let best = [Infinity, 0, 0];
    for (let y = 0; y < this.ny; y += 1) {
      for (let x = 0; x < this.nx; x += 1) {
        const away = separation(ra, dec, this.ra[y][x], this.dec[y][x]);
        if (away < best[0]) best = [away, x, y];
      }
    }
    const [, x, y] = best;
    // From the nearest spaxel on by the local gradients of the position.
    const [gx, gy] = [this.#gradient(x, y, 1, 0), this.#gradient(x, y, 0, 1)];
    const target = tangent(this.ra[y][x], this.dec[y][x], ra, dec);
    const det = gx[0] * gy[1] - gx[1] * gy[0] || 1;
    const [fx, fy] = [
      (target[0] * gy[1] - target[1] * gy[0]) / det,
      (gx[0] * target[1] - gx[1] * target[0]) / det,
    ];
    return [(x + fx - this.middleX) * this.scaleX, (y + fy - this.middleY) * this.scaleY];
  }

  #gradient(x, y, dx, dy) {
    const [x2, y2] = [x + dx < this.nx ? x + dx : x - dx, y + dy < this.ny ? y + dy : y - dy];
    const sign = x2 < x || y2 < y ? -1 : 1;
    return tangent(this.ra[y][x], this.dec[y][x], this.ra[y2][x2], this.dec[y2][x2]).map(
      (value) => value * sign,
    );
  }
}

/** Return the angle between two positions in arcsec (haversine formula, Sinnott 1984). */
export function separation(ra1, dec1, ra2, dec2) {
  const [dRa, dDec] = [(ra2 - ra1) * RAD, (dec2 - dec1) * RAD];
  const half =
    Math.sin(dDec / 2) ** 2 + Math.cos(dec1 * RAD) * Math.cos(dec2 * RAD) * Math.sin(dRa / 2) ** 2;
  return ((2 * Math.asin(Math.sqrt(Math.min(1, half)))) / RAD) * 3600;
}

/** Return the offset of a position near another, east and north in arcsec. */
function tangent(ra0, dec0, ra, dec) {
  const dRa = ((ra - ra0 + 540) % 360) - 180;
  return [dRa * Math.cos(dec0 * RAD) * 3600, (dec - dec0) * 3600];
}

function between(grid, x, y, wraps) {
  const [ny, nx] = [grid.length, grid[0].length];
  const [i, j] = [clamp(Math.floor(y), ny), clamp(Math.floor(x), nx)];
  const [fy, fx] = [y - i, x - j];
  const base = grid[i][j];
  const near = (value) => (wraps ? ((value - base + 540) % 360) - 180 + base : value);
  const [i2, j2] = [Math.min(i + 1, ny - 1), Math.min(j + 1, nx - 1)];
  const value =
    base * (1 - fx) * (1 - fy) +
    near(grid[i][j2]) * fx * (1 - fy) +
    near(grid[i2][j]) * (1 - fx) * fy +
    near(grid[i2][j2]) * fx * fy;
  return wraps ? (value + 360) % 360 : value;
}

function clamp(index, length) {
  return Math.min(Math.max(index, 0), Math.max(0, length - 2));
}

/** Return a position as hours and degrees in sexagesimal. */
export function sexagesimal(ra, dec) {
  return `${parts(ra / 15, 3)} ${dec < 0 ? "-" : "+"}${parts(Math.abs(dec), 2)}`;
}

function parts(value, digits) {
  const total = Math.round(value * 3600 * 10 ** digits) / 10 ** digits;
  const [whole, minutes] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60)];
  const seconds = (total % 60).toFixed(digits).padStart(digits + 3, "0");
  return `${String(whole).padStart(2, "0")}:${String(minutes).padStart(2, "0")}:${seconds}`;
}
