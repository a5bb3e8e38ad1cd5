function (data, parent) {
  // All buildings on one canvas. It lets clicks through to the areas beneath and answers
  // pointing by looking for the nearest mark.
  var Marks = L.Layer.extend({
    onAdd: function (map) {
      this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide buildings",
        map.getPanes().markerPane);
      this.canvas.style.pointerEvents = "none";
      this.tip = L.tooltip({ direction: "auto", offset: [8, 0] });
      map.on("moveend resize viewreset", this.draw, this);
      map.on("mousemove", this.point, this);
      map.on("mouseout", this.leave, this);
      if (window.frameElement) { window.frameElement.title = data.title; }
      this.draw();
    },
    onRemove: function (map) {
      map.off("moveend resize viewreset", this.draw, this);
      map.off("mousemove", this.point, this);
      map.off("mouseout", this.leave, this);
      this.leave();
      L.DomUtil.remove(this.canvas);
    },
    draw: function () {
      var map = this._map, size = map.getSize(), ratio = window.devicePixelRatio || 1;
      var pen = this.canvas.getContext("2d"), radius = this.radius();
      L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
      this.canvas.width = size.x * ratio;
      this.canvas.height = size.y * ratio;
      this.canvas.style.width = size.x + "px";
      this.canvas.style.height = size.y + "px";
      pen.scale(ratio, ratio);
      this.seen = [];
      for (var i = 0; i < data.x.length; i++) {
        var at = map.latLngToContainerPoint([data.y[i] / data.unit, data.x[i] / data.unit]);
        if (at.x < -9 || at.y < -9 || at.x > size.x + 9 || at.y > size.y + 9) { continue; }
        this.seen.push([at.x, at.y, i]);
        this.mark(pen, at, data.status[i], radius);
      }
    },
    radius: function () {
      return Math.max(1.2, Math.min(7, 1.7 * Math.pow(1.5, this._map.getZoom() - 10.5)));
    },
    mark: function (pen, at, status, r) {
      pen.beginPath();
      if (status === 1) {
        pen.moveTo(at.x - r, at.y - r); pen.lineTo(at.x + r, at.y + r);
        pen.moveTo(at.x - r, at.y + r); pen.lineTo(at.x + r, at.y - r);
        pen.strokeStyle = data.colors.ended; pen.lineWidth = Math.max(1, r / 2.5); pen.stroke();
        return;
      }
      pen.arc(at.x, at.y, r, 0, 7);
      if (status === 2) {
        pen.fillStyle = data.colors.active; pen.fill();
        pen.strokeStyle = data.colors.ground; pen.lineWidth = 0.8; pen.stroke();
      } else {
        pen.strokeStyle = data.colors.never; pen.lineWidth = Math.max(0.8, r / 3); pen.stroke();
      }
    },
    point: function (event) {
      var at = event.containerPoint, best = Math.pow(this.radius() + 4, 2), hit = -1;
      for (var k = 0; k < this.seen.length; k++) {
        var dx = this.seen[k][0] - at.x, dy = this.seen[k][1] - at.y, far = dx * dx + dy * dy;
        if (far <= best) { best = far; hit = this.seen[k][2]; }
      }
      if (hit < 0) { this.leave(); } else { this.tell(hit); }
    },
    tell: function (i) {
      if (this.told === i) { return; }
      this.told = i;
      var box = document.createElement("div"), lines = data.name[i].split("\n");
      lines.push(data.sectors[data.sector[i]] + ", " + data.words[data.status[i]]);
      lines.push(data.enrolled[i] + " of " + data.targets[i] + " targets enrolled");
      lines.forEach(function (line, n) {
        box.appendChild(document.createElement(n ? "div" : "b")).textContent = line;
      });
      this.tip.setLatLng([data.y[i] / data.unit, data.x[i] / data.unit]).setContent(box);
      this._map.getContainer().classList.add("on-building");
      this.tip.addTo(this._map);
    },
    leave: function () {
      if (this.told === undefined) { return; }
      this.told = undefined;
      this.tip.remove();
      if (this._map) { this._map.getContainer().classList.remove("on-building"); }
    }
  });
  new Marks().addTo(parent);
}
