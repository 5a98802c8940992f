#!/bin/sh
# First process of the machine of boot.py: moves everything off the initial file system, which cannot be pivoted away from, and
# goes on as guest.py.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t devtmpfs dev /dev
mount -t tmpfs -o size=80%,mode=755 new /new
cp -a /usr /bin /sbin /lib /lib64 /etc /root /run /guest.py /command /environment /new/
for path in /*; do
	case $path in
	/usr | /bin | /sbin | /lib | /lib64 | /etc | /root | /run | /new | /proc | /sys | /dev | /tmp | /init | /guest.py | /command | /environment) ;;
	*) cp -a "$path" /new/ ;;
	esac
done
mkdir -p /new/proc /new/sys /new/dev /new/tmp /new/var/tmp
chmod 1777 /new/var/tmp
[ ! -d /tmp ] || cp -a /tmp /new/tmp-files
mount --move /dev /new/dev
exec switch_root /new /usr/bin/python3 /guest.py
