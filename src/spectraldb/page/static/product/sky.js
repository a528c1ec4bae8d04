// The sky of a cube: positions of its spaxels, and their offsets from the centre in arcsec.

import { separation, tangentOffset, wrapped } from "../coordinates.js";

/** Scale of a cube with a single row or column, in arcsec. */
const DEFAULT_SCALE = 0.1;

export class SkyGrid {
  /** `ra` and `dec` are images of the positions in degrees. */
  constructor(ra, dec) {
    this.ra = ra;
    this.dec = dec;
    this.ny = ra.length;
    this.nx = ra[0].length;
    const [x, y] = [Math.floor(this.nx / 2), Math.floor(this.ny / 2)];
    this.scaleX = this.#separation(x, y, Math.min(x + 1, this.nx - 1), y) || DEFAULT_SCALE;
    this.scaleY = this.#separation(x, y, x, Math.min(y + 1, this.ny - 1)) || DEFAULT_SCALE;
  }

  #separation(x1, y1, x2, y2) {
    return separation(this.ra[y1][x1], this.dec[y1][x1], this.ra[y2][x2], this.dec[y2][x2]);
  }

  get middleX() {
    return (this.nx - 1) / 2;
  }

  get middleY() {
    return (this.ny - 1) / 2;
  }

  /** The offsets of columns and rows. */
  get offsets() {
    return {
      x: offsets(this.nx, this.middleX, this.scaleX),
      y: offsets(this.ny, this.middleY, this.scaleY),
    };
  }

  /** Return whether there is such a spaxel. */
  has(x, y) {
    return isIndex(x, this.nx) && isIndex(y, this.ny);
  }

  /** Return right ascension and declination of an offset, interpolated between spaxels. */
  positionAt(dx, dy) {
    const [x, y] = [dx / this.scaleX + this.middleX, dy / this.scaleY + this.middleY];
    const ra = interpolate(this.ra, x, y, (value, base) => wrapped(value - base) + base);
    return [(ra + 360) % 360, interpolate(this.dec, x, y)];
  }

  /** Return the offset of a position, extrapolated from the nearest spaxel by the gradients. */
  offsetOf(ra, dec) {
    const [x, y] = this.#nearest(ra, dec);
    const [gx, gy] = [this.#gradient(x, y, 1, 0), this.#gradient(x, y, 0, 1)];
    const target = tangentOffset(this.ra[y][x], this.dec[y][x], ra, dec);
    const determinant = cross(gx, gy) || 1;
    const [dx, dy] = [cross(target, gy) / determinant, cross(gx, target) / determinant];
    return [(x + dx - this.middleX) * this.scaleX, (y + dy - this.middleY) * this.scaleY];
  }

  #nearest(ra, dec) {
    let [nearest, smallest] = [[0, 0], Infinity];
    for (let y = 0; y < this.ny; y += 1) {
      for (let x = 0; x < this.nx; x += 1) {
        const distance = separation(ra, dec, this.ra[y][x], this.dec[y][x]);
        if (distance < smallest) [nearest, smallest] = [[x, y], distance];
      }
    }
    return nearest;
  }

  /** Return the change of position in arcsec from one spaxel to the next. */
  #gradient(x, y, dx, dy) {
    const sign = x + dx < this.nx && y + dy < this.ny ? 1 : -1;
    const [x2, y2] = [x + sign * dx, y + sign * dy];
    const from = [this.ra[y][x], this.dec[y][x]];
    const offset = tangentOffset(...from, this.ra[y2][x2], this.dec[y2][x2]);
    return offset.map((value) => value * sign);
  }
}

function isIndex(value, length) {
  return Number.isInteger(value) && value >= 0 && value < length;
}

function offsets(length, middle, scale) {
  return Array.from({ length }, (_, i) => (i - middle) * scale);
}

/** Interpolate bilinearly in a grid; `near` returns the equivalent of a value near another. */
function interpolate(grid, x, y, near = (value) => value) {
  const [i, i2] = neighbours(y, grid.length);
  const [j, j2] = neighbours(x, grid[0].length);
  const [fy, fx] = [y - i, x - j];
  const base = grid[i][j];
  return (
    base * (1 - fx) * (1 - fy) +
    near(grid[i][j2], base) * fx * (1 - fy) +
    near(grid[i2][j], base) * (1 - fx) * fy +
    near(grid[i2][j2], base) * fx * fy
  );
}

/** Return the two indices around a coordinate; outside the grid, the outermost two. */
function neighbours(coordinate, length) {
  const first = Math.min(Math.max(Math.floor(coordinate), 0), Math.max(0, length - 2));
  return [first, Math.min(first + 1, length - 1)];
}

function cross([ax, ay], [bx, by]) {
  return ax * by - ay * bx;
}
