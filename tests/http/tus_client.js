// tus_client.js - uploads files by the real tus-js-client, over a connection that breaks at random bytes.
//
//	node tus_client.js MODULES TARGET ALBUM SEED [NAME=VALUE...] FILE...
//
// MODULES is a node_modules with tus-js-client; TARGET a file with the server's URL, read for each connection, so that
// a server may come back at another port; the token is in TUS_TOKEN.  Options: cut=BYTES, about how many pass before
// a connection is broken (0: none is); rate=BYTES in a second; mode=whole|chunks|created|post.  Prints one
// line of JSON for each file: {"file", "ok", "reason", "photo"}, and one with {"cuts"}.
'use strict';
const fs = require('fs');
const net = require('net');
const path = require('path');
const { createRequire } = require('module');

const [modules, target, album, seed, ...rest] = process.argv.slice(2);
const options = { cut: '0', rate: '0', mode: 'whole' };
const files = [];
for (const word of rest) {
	const match = /^(cut|rate|mode)=(.*)$/.exec(word);
	if (match) options[match[1]] = match[2];
	else files.push(word);
}
const tus = createRequire(path.join(modules, 'x'))('tus-js-client');

let state = Number(seed) >>> 0;
function random(below) {
	state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
	return Math.floor((state / 2 ** 32) * below);
}

let cuts = 0;
const cut = Number(options.cut);
const rate = Number(options.rate);

// Passes bytes on until its allowance is used up; then both ends see the connection break.
function serve(client) {
	const url = new URL(fs.readFileSync(target, 'utf8').trim());
	const server = net.connect(Number(url.port), url.hostname);
	let left = cut ? 1 + random(2 * cut) : Infinity;
	const end = () => {
		client.destroy();
		server.destroy();
	};
	const breakOff = () => {
		cuts++;
		if (random(2)) client.resetAndDestroy();
		end();
	};
	for (const [from, to] of [[client, server], [server, client]]) {
		from.on('error', end);
		from.on('close', end);
		from.on('data', (bytes) => {
			if (left <= 0) return;
			to.write(bytes.subarray(0, Math.min(left, bytes.length)));
			left -= bytes.length;
			if (left <= 0) return setImmediate(breakOff);
			if (!rate || from !== client) return;
			from.pause();
			setTimeout(() => from.resume(), (bytes.length / rate) * 1000);
		});
	}
}

function upload(endpoint, file) {
	const bytes = fs.readFileSync(file);
	return new Promise((resolve) => {
		let photo = null;
		const request = {
			endpoint,
			retryDelays: Array(400).fill(25),
			headers: { Authorization: `Bearer ${process.env.TUS_TOKEN}` },
			metadata: { filename: path.basename(file), filetype: 'image/jpeg' },
			onAfterResponse: (_, response) => {
				photo = response.getHeader('Pinhole-Photo') || photo;
			},
			onError: (why) => resolve({ file, ok: false, reason: why.message, photo }),
			onSuccess: () => resolve({ file, ok: true, photo }),
		};
		if (options.mode === 'chunks' || options.mode === 'created') request.chunkSize = 70000;
		if (options.mode === 'created') request.uploadDataDuringCreation = true;
		if (options.mode === 'post') request.overridePatchMethod = true;
		new tus.Upload(bytes, request).start();
	});
}

const proxy = net.createServer(serve);
proxy.listen(0, '127.0.0.1', async () => {
	const endpoint = `http://127.0.0.1:${proxy.address().port}/v1/albums/${album}/uploads`;
	for (const file of files) console.log(JSON.stringify(await upload(endpoint, file)));
	console.log(JSON.stringify({ cuts }));
	process.exit(0);
});
