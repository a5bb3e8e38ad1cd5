// Cells or buildings on one canvas. It lets clicks through and finds the mark that was meant.
const STATUS = { never: "0", ended: "1", active: "2" };

CityMap.Marks = L.Layer.extend({
  initialize: function (city) { this.city = city; this.items = []; this.spread = null; },
  onAdd: function (map) {
    this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-animated buildings",
      map.getPane("markerPane"));
    map.on("moveend resize viewreset", this.draw, this);
    map.on("zoomanim", this.follow, this);
  },
  onRemove: function (map) {
    map.off("moveend resize viewreset", this.draw, this);
    map.off("zoomanim", this.follow, this);
    L.DomUtil.remove(this.canvas);
  },
  // The old marks grow or shrink with the map until the new ones are there: no flicker.
  follow: function (e) {
    const map = this._map;
    L.DomUtil.setTransform(this.canvas, map._latLngToNewLayerPoint(this.corner, e.zoom, e.center),
      map.getZoomScale(e.zoom, this.drawnAt));
  },

  take: function (data) {
    this.data = data;
    this.spread = null;
    this.items = data.kind === "cells" ? this.cells(data) : this.buildings(data);
    this.draw();
    const seen = window.cityMapLog || {};
    this.city.log({ drawn: performance.now(), views: (seen.views || 0) + 1, kind: data.kind,
      count: this.items.length });
  },
  covered: function () { return this.data && { box: this.data.box, level: this.data.level }; },
  cells: function (data) {
    const side = Math.pow(2, 28 - data.level), items = [];
    let at = 0;
    for (let row = 0; row < data.rows.length; row += 2) {
      for (let k = 0; k < data.rows[row + 1]; k++, at++) {
        items.push({ x: (data.west + data.x[at] + 0.5) * side,
          y: (data.rows[row] + 0.5) * side, side: side, n: data.n[at], on: data.on[at],
          off: data.off[at], accounts: data.accounts[at], lit: data.lit ? data.lit[at] : 0 });
      }
    }
    this.largest = items.reduce((most, item) => Math.max(most, item.n), 1);
    return items;
  },
  // Buildings on one spot are one mark, which opens into a spiral.
  buildings: function (data) {
    const spots = new Map();
    let place = 0;
    data.x.forEach((x, i) => {
      place += data.place[i];
      const one = { place: place, x: data.west + x, y: data.north + data.y[i],
        status: data.status[i], lit: data.lit ? Number(data.lit[i]) : 0,
        name: data.names ? data.names[i] : null };
      const key = one.x + " " + one.y;
      if (spots.has(key)) { spots.get(key).push(one); } else { spots.set(key, [one]); }
    });
    const rank = (group) => Math.max(...group.map((one) => Number(one.status)));
    return [...spots.values()].sort((a, b) => rank(a) - rank(b))
      .map((group) => ({ ...group[0], group: group }));
  },

  draw: function () {
    if (!this._map || !this.city.page) { return; }
    const map = this._map, size = map.getSize(), ratio = window.devicePixelRatio || 1;
    // The canvas reaches beyond the view as far as the data do, so that a drag shows marks.
    const edge = size.multiplyBy(0.12).round(), whole = size.add(edge.multiplyBy(2));
    const origin = map.containerPointToLayerPoint([-edge.x, -edge.y]);
    this.corner = map.layerPointToLatLng(origin);
    this.drawnAt = map.getZoom();
    L.DomUtil.setTransform(this.canvas, origin, 1);
    this.canvas.width = whole.x * ratio;
    this.canvas.height = whole.y * ratio;
    this.canvas.style.width = whole.x + "px";
    this.canvas.style.height = whole.y + "px";
    const pen = this.canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.translate(edge.x, edge.y);
    this.seen = [];
    const scale = map.getZoomScale(this.drawnAt, 20), base = map.project(map.getCenter(), 20);
    this.items.forEach((item) => {
      const x = (item.x - base.x) * scale + size.x / 2, y = (item.y - base.y) * scale + size.y / 2;
      if (x < -edge.x || y < -edge.y || x > size.x + edge.x || y > size.y + edge.y) { return; }
      if (item.side) { this.drawCell(pen, item, x, y, item.side * scale); }
      else { this.drawSpot(pen, item, x, y); }
    });
  },
  drawCell: function (pen, item, x, y, px) {
    const r = Math.max(1.5, 0.46 * px * Math.sqrt(item.n / this.largest));
    this.seen.push({ x: x, y: y, r: Math.max(r, 5), item: item });
    this.circle(pen, x, y, r, item.n > item.on ? STATUS.never : STATUS.active);
    if (item.n > item.on && item.on) {
      this.circle(pen, x, y, r * Math.sqrt(item.on / item.n), STATUS.active);
    }
    // The square holds as much of the circle as is highlighted of its buildings.
    if (item.lit) { this.light(pen, x, y, r * Math.sqrt(Math.min(1, item.lit / item.n))); }
  },
  drawSpot: function (pen, item, x, y) {
    const r = this.radius();
    if (this.spread === item) { this.drawSpread(pen, item, x, y, r); return; }
    this.seen.push({ x: x, y: y, r: r + 4, item: item });
    if (item.group.length > 1) {
      this.circle(pen, x, y, r + 2.5, STATUS.never);
      pen.strokeStyle = this.city.page.colors.ink;
      pen.lineWidth = 1;
      pen.stroke();
    }
    this.mark(pen, item, x, y, r);
  },
  drawSpread: function (pen, item, x, y, r) {
    item.group.forEach((one, i) => {
      const far = (r + 5) * Math.sqrt(i + 1) * 1.6, turn = 2.399963 * i;  // the golden angle
      const at = [x + far * Math.cos(turn), y + far * Math.sin(turn)];
      pen.beginPath();
      pen.moveTo(x, y);
      pen.lineTo(at[0], at[1]);
      pen.strokeStyle = this.city.page.colors.quiet;
      pen.lineWidth = 0.6;
      pen.stroke();
      this.seen.push({ x: at[0], y: at[1], r: r + 4, item: { ...one, group: [one] } });
    });
    this.seen.slice(-item.group.length).forEach((at) => this.mark(pen, at.item, at.x, at.y, r));
  },
  radius: function () {
    return Math.max(2.2, Math.min(7.5, 2.2 * Math.pow(1.35, this._map.getZoom() - 12)));
  },
  mark: function (pen, one, x, y, r) {
    if (one.status === STATUS.ended) { this.cross(pen, x, y, r); }
    else { this.circle(pen, x, y, r, one.status); }
    if (one.lit) { this.light(pen, x, y, r + 2.5); }
    if (one.place === this.city.page.card) {
      pen.beginPath();
      pen.arc(x, y, r + 6, 0, 7);
      pen.strokeStyle = this.city.page.colors.ink;
      pen.lineWidth = 2.5;
      pen.stroke();
    }
  },
  circle: function (pen, x, y, r, status) {
    const colors = this.city.page.colors;
    pen.beginPath();
    pen.arc(x, y, r, 0, 7);
    pen.fillStyle = status === STATUS.active ? colors.accent : colors.hollow;
    pen.fill();
    pen.strokeStyle = status === STATUS.active ? colors.ground : colors.amber;
    pen.lineWidth = status === STATUS.active ? 0.7 : Math.max(0.9, Math.min(2, r / 4));
    pen.stroke();
  },
  cross: function (pen, x, y, r) {
    pen.beginPath();
    pen.moveTo(x - r, y - r); pen.lineTo(x + r, y + r);
    pen.moveTo(x - r, y + r); pen.lineTo(x + r, y - r);
    pen.strokeStyle = this.city.page.colors.ended;
    pen.lineWidth = Math.max(1.2, r / 2.5);
    pen.stroke();
  },
  // What is highlighted wears a square, so that it does not go by color alone.
  light: function (pen, x, y, r) {
    pen.strokeStyle = this.city.page.colors.ink;
    pen.lineWidth = 1.4;
    pen.strokeRect(x - r, y - r, 2 * r, 2 * r);
  },

  hit: function (at) {
    let best = null, least = Infinity;
    if (this.city.player.moved) { return null; }  // the marks are of another date, and hidden
    (this.seen || []).forEach((one) => {
      const far = Math.hypot(one.x - at.x, one.y - at.y);
      if (far <= one.r && far < least) { least = far; best = one.item; }
    });
    return best;
  },
  lines: function (item) {
    const words = this.city.page.words, many = (n) => n.toLocaleString("en-US");
    if (item.side) {
      const said = [many(item.n) + " " + words[item.n === 1 ? "building" : "buildings"],
        many(item.on) + " " + words.active + ", " + many(item.off) + " " + words.ended + ", "
          + many(item.n - item.on - item.off) + " " + words.never];
      if (item.accounts) { said.push(many(item.accounts) + " " + words.accounts); }
      if (item.lit) { said.push(many(item.lit) + " " + words.lit); }
      return said.concat(words.zoom);
    }
    if (item.group.length > 1) {
      return [many(item.group.length) + " " + words.together, words.spread];
    }
    const state = Object.keys(STATUS).find((name) => STATUS[name] === item.status);
    const said = item.name === null ? [words.building] : (item.name || words.nameless).split("\n");
    return said.concat(words[state], item.lit ? words.lit : [], words.open);
  },
  open: function (item) {
    const map = this._map;
    if (item.side && map.getZoom() >= map.getMaxZoom()) {
      this.city.choose("box", this.corners(item));
    } else if (item.side) {
      map.setView(this.city.latLng(item.x, item.y), Math.min(map.getZoom() + 2, map.getMaxZoom()));
    } else if (item.group.length > 1) {
      this.spread = this.items.find((one) => one.place === item.place);
      this.draw();
    } else {
      this.city.choose("building", item.place);
    }
  },
  corners: function (cell) {
    const half = cell.side / 2, one = this.city.latLng(cell.x - half, cell.y + half);
    const other = this.city.latLng(cell.x + half, cell.y - half);
    return [one.lng, one.lat, other.lng, other.lat];
  },
  // Closes what was spread; says whether anything was.
  gather: function () {
    const was = this.spread !== null;
    this.spread = null;
    if (was) { this.draw(); }
    return was;
  }
});
